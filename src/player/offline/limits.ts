// Every bound of keeping programmes, with its reason. Read by the files beside it; it decides nothing.

/** Bounds of downloads. */
export const OFFLINE_LIMITS = Object.freeze({
  /** Files on their way at once: play goes before them, and a browser opens six connections to a host. */
  parallelFiles: 2,
  /** Times that a file of another hash is fetched anew, past every cache. */
  refetches: 2,
  /** Programmes that are kept at once; the list of them is read whole. */
  programmes: 200,
  /** Room that has to stay free beside a download, for the module's record and everything else of the browser. */
  spareBytes: 64 * 1024 * 1024,
  /** Progress is told to other tabs, and drawn, at most this often. */
  tellEveryMs: 250,
});
