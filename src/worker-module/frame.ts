// The module's document: the only thing on the module's origin that sees a window. Joins the parts in frame/: who may
// connect, and the worker that is kept alive. It holds no secret and never reads what passes on a page's ports.

import { readDocumentSettings } from './frame/document-settings.ts';
import { listenToHost } from './frame/host-link.ts';
import { trustedScript } from './frame/module-worker.ts';
import { beginAsNewestVersion } from './frame/service-worker.ts';
import { offerSmallWindow } from './frame/small-window.ts';
import { keepWorkerAlive } from './frame/worker-life.ts';

const { terminalOrigin, agencyKey } = readDocumentSettings(document);
await beginAsNewestVersion(trustedScript);
const host = listenToHost(window, terminalOrigin, (ports) => life.connect(ports));
offerSmallWindow(document);
const life = keepWorkerAlive(agencyKey, host.ready, host.workerDied);
