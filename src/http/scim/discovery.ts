import { type RequestHandler, Router } from 'express'
import { scimErrorBody } from '../../aadsts/faces/scim.ts'
import { urns } from '../../admin/scim/names.ts'
import { resourceTypeDocuments, schemaDocuments } from '../../admin/scim/schemaDocuments.ts'
import { serviceProviderConfig } from '../../admin/scim/serviceProviderConfig.ts'
import { sendScim } from './send.ts'

/**
 * What the door can do (RFC 7644 section 4). It says nothing of anybody, and is readable without a token, as RFC 7643 section 5 wants of
 * the ways to authenticate.
 */
export function discoveryRouter(baseUrl: string): Router {
  const router = Router()
  const schemas = schemaDocuments(baseUrl)
  const types = resourceTypeDocuments(baseUrl)
  const config = serviceProviderConfig(baseUrl)

  router.get('/ServiceProviderConfig', withoutFilter, (_req, res) => sendScim(res, 200, config))
  for (const [path, documents] of [
    ['/Schemas', schemas],
    ['/ResourceTypes', types],
  ] as const) {
    router.get(path, withoutFilter, (_req, res) => sendScim(res, 200, all(documents)))
    router.get(`${path}/:id`, withoutFilter, (req, res) => {
      const { id } = req.params
      const found = documents.find((each) => each.id === id)
      const detail = `There is none of this name. ${path} has them all.`
      if (found !== undefined) sendScim(res, 200, found)
      else sendScim(res, 404, scimErrorBody({ status: 404, scimType: null, detail }))
    })
  }
  router.all(
    ['/ServiceProviderConfig', '/Schemas', '/Schemas/:id', '/ResourceTypes', '/ResourceTypes/:id'],
    (_req, res) => {
      res.set('Allow', 'GET')
      sendScim(res, 405, scimErrorBody({ status: 405, scimType: null, detail: 'It takes GET.' }))
    },
  )
  return router
}

function all(documents: readonly unknown[]) {
  return {
    schemas: [urns.listResponse],
    totalResults: documents.length,
    itemsPerPage: documents.length,
    startIndex: 1,
    Resources: documents,
  }
}

/** RFC 7644 section 4: who filters these is told that it is not to be. */
const withoutFilter: RequestHandler = (req, res, next) => {
  if (!/[?&]filter=/.test(req.originalUrl)) return next()
  const detail = 'This is not filtered: ask for all of it.'
  sendScim(res, 403, scimErrorBody({ status: 403, scimType: null, detail }))
}
