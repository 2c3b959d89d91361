// Delivery ids (docs/protocol.md §17): under which a terminal asks for the content of one session. Alone in its file, so that the
// player knows their length without the rest of a contract.

/** Bytes of a delivery id. */
export const DELIVERY_ID_LENGTH_BYTES = 16;
