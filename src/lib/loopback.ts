const loopbackHosts: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])

/** Whether a host, as `URL.hostname` spells it, stays on this machine: http is let through to it, for demos and tests. */
export function isLoopbackHost(hostname: string): boolean {
  return loopbackHosts.has(hostname)
}
