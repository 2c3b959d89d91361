// Which way a text of a language is written, for the lines of captions. Pure.

/** Languages that are written from right to left, by their first subtag. */
const FROM_RIGHT = new Set(['ar', 'ckb', 'dv', 'fa', 'he', 'iw', 'ji', 'ku', 'ps', 'sd', 'syr', 'ug', 'ur', 'yi']);
/** Scripts that say it whatever the language. */
const SCRIPTS_FROM_RIGHT = new Set(['arab', 'hebr', 'syrc', 'thaa', 'nkoo']);
/** Scripts that turn such a language round. */
const SCRIPTS_FROM_LEFT = new Set(['latn', 'cyrl']);

/** `rtl` for a language that is written so, `auto` where the text itself has to tell. `language`: a tag of RFC 5646, or ''. */
export function directionOf(language: string): 'rtl' | 'auto' {
  const [first = '', ...others] = language.toLowerCase().split('-');
  if (others.some((subtag) => SCRIPTS_FROM_RIGHT.has(subtag))) return 'rtl';
  return FROM_RIGHT.has(first) && !others.some((subtag) => SCRIPTS_FROM_LEFT.has(subtag)) ? 'rtl' : 'auto';
}
