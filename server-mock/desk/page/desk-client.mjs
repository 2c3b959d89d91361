// @ts-check
// Speaks with the desk. The token comes in the fragment of the address, which no request carries and no log has; it is kept for this tab
// alone and taken out of the address, so that it is in no history and on no screen that is shared.

/** @typedef {import('../desk-app.ts').BatchView} BatchView */
/** @typedef {import('../desk-app.ts').SetView} SetView */
/** @typedef {import('../failures.ts').FailurePage} FailurePage */

const PLACE = 'farebox desk token';

/** A refusal, or a desk that is not there (`desk/gone`). */
export class DeskError extends Error {
  /**
   * @param {string} code
   * @param {string} message
   */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** The token of this tab; null where the page was opened without one. */
export function takeToken() {
  const given = location.hash.slice(1);
  if (/^[\w-]{43}$/.test(given)) {
    sessionStorage.setItem(PLACE, given);
    history.replaceState(null, '', '/');
  }
  return sessionStorage.getItem(PLACE);
}

/** Calls of the desk. Each throws DeskError. @param {string} token */
export function deskClient(token) {
  /**
   * @param {string} method
   * @param {string} path
   * @param {Blob} [body]
   */
  const ask = async (method, path, body) => {
    const headers = { Authorization: `Bearer ${token}` };
    const init = body === undefined ? { method, headers } : { method, headers, body };
    const response = await fetch(`/api/${path}`, init).catch(() => {
      throw new DeskError('desk/gone', '');
    });
    if (response.ok) return response;
    const { error } = await response.json().catch(() => ({ error: { code: 'desk/gone', message: '' } }));
    throw new DeskError(error.code, error.message);
  };
  return Object.freeze({
    /** @returns {Promise<readonly SetView[]>} */
    sets: async () => (await (await ask('GET', 'sets')).json()).sets,
    /** @returns {Promise<readonly BatchView[]>} */
    batches: async () => (await (await ask('GET', 'batches')).json()).batches,
    /** @param {string} set @param {File} file @returns {Promise<BatchView>} */
    add: async (set, file) => {
      const query = new URLSearchParams({ set, file: file.name.slice(0, 255) });
      return (await (await ask('POST', `batches?${query}`, file)).json()).batch;
    },
    /** @param {string} id @param {'run' | 'pause'} what @returns {Promise<BatchView>} */
    tell: async (id, what) => (await (await ask('POST', `batches/${id}/${what}`)).json()).batch,
    /** @param {string} id @param {string | null} reason @param {number} from @returns {Promise<FailurePage>} */
    failures: async (id, reason, from) => {
      const query = new URLSearchParams({ from: String(from), ...(reason === null ? {} : { reason }) });
      return (await ask('GET', `batches/${id}/failures?${query}`)).json();
    },
    /** A file of a batch, as the browser holds it: on the disk where it is large. @param {string} id @param {string} what */
    file: async (id, what) => (await ask('GET', `batches/${id}/${what}`)).blob(),
  });
}

/** @typedef {ReturnType<typeof deskClient>} DeskClient */
