// Column types that the tables share. Times are milliseconds since 1970, money is bigint minor units.

import { bigint, customType } from 'drizzle-orm/pg-core';

/** Bytes, as they are. */
export const bytes = customType<{ data: Uint8Array; driverData: Uint8Array }>({
  dataType: () => 'bytea',
  fromDriver: (value) => Uint8Array.from(value),
});
/** Milliseconds since 1970. */
export const time = (name: string) => bigint(name, { mode: 'number' });
/** Ten-thousandths of the currency's unit. */
export const minor = (name: string) => bigint(name, { mode: 'bigint' });
/** A place in a module's record. */
export const counter = (name: string) => bigint(name, { mode: 'bigint' });
/** At most 2³² − 1, so beyond Postgres's integer. */
export const epoch = (name: string) => bigint(name, { mode: 'number' });
