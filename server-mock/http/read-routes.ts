// GET routes of the interface: the agency's key and list, the catalogue, one programme. They change nothing.

import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { toBase64Url } from '../../src/protocol/bytes.ts';
import { decodeProgrammeId } from '../../src/protocol/ids.ts';
import { signUntrustedList } from '../agency/untrusted.ts';
import { findProgramme, listProgrammes } from '../catalogue/programmes.ts';
import type { Provider } from '../provider.ts';
import type { ServerEnvironment } from './environment.ts';
import { answersWith } from './openapi.ts';
import { agencyAnswer, catalogueAnswer, programmeAnswer, programmeParameters } from './schemas.ts';

const agencyRoute = createRoute({
  method: 'get',
  path: '/agency',
  summary: 'The agency’s public key and the signed untrusted list',
  responses: answersWith(agencyAnswer),
});

const catalogueRoute = createRoute({
  method: 'get',
  path: '/catalogue',
  summary: 'All programmes: those that are live now before the others, the newest first',
  responses: answersWith(catalogueAnswer),
});

const programmeRoute = createRoute({
  method: 'get',
  path: '/programmes/{id}',
  summary: 'One programme as the provider signed it',
  request: { params: programmeParameters },
  responses: answersWith(programmeAnswer),
});

/** Adds the routes to the interface. */
export function addReadRoutes(api: OpenAPIHono<ServerEnvironment>, provider: Provider): void {
  api.openapi(agencyRoute, async (c) => {
    const agencyKey = toBase64Url(provider.keys.agency.publicKey);
    return c.json({ agencyKey, untrustedList: toBase64Url(await signUntrustedList(provider)) }, 200);
  });

  api.openapi(catalogueRoute, async (c) => {
    const summaries = await listProgrammes(provider.database.queries);
    const programmes = summaries.map(({ posterHash, publishedTime, sizeBytes, ...shown }) => ({
      ...shown,
      rungs: [...shown.rungs],
      modes: [...shown.modes],
      poster: posterHash,
    }));
    return c.json({ programmes }, 200);
  });

  api.openapi(programmeRoute, async (c) => {
    const id = decodeProgrammeId(c.req.valid('param').id, 'programme/unknown');
    const found = await findProgramme(provider.database.queries, id);
    const programme = toBase64Url(found.programmeBytes);
    const providerCertificate = toBase64Url(provider.certificateBytes);
    return c.json({ programme, manifest: found.manifestHash, providerCertificate }, 200);
  });
}
