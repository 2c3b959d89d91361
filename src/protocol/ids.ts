// Names of parties and things: what each is made of and how it is read. An id is text in hex wherever it is text, raw bytes where it is bytes;
// nothing else is accepted. Both halves under one name.

export * from './id-forms.ts';
export { hashObject, partyIdOf } from './object-hash.ts';
