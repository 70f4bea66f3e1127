/** Our own assertion consumer service in its forms (DESIGN.md section 5), under the public URL without trailing slash. */
export function acsUrl(publicUrl: string, tenant: string): string {
  return `${publicUrl}/${tenant}/saml2`
}

/** The tenant-less form that every Entra federation knows. */
export function tenantlessAcsUrl(publicUrl: string): string {
  return `${publicUrl}/login.srf`
}

/**
 * What Recipient and Destination may name, when a response was posted to `postedTo`: that URL (which the route has matched to
 * this tenant), the tenant's GUID form, and the tenant-less form.
 */
export function acceptedAcsUrls(
  publicUrl: string,
  tenantId: string,
  postedTo: string,
): readonly string[] {
  return [...new Set([acsUrl(publicUrl, tenantId), tenantlessAcsUrl(publicUrl), postedTo])]
}
