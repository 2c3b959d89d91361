// Calls that the module and the protocol must not make: writes whose durability is left to chance, the network, guessable numbers, code
// from text. Called by scripts/check-source.ts. A name check, not a proof: the content security policy and the tests stand behind it.
import { type Finding, isNode, isScript, type SourceFile, type SyntaxNode, visitFile } from './read.ts';

const MODULE = /^src\/(worker-module|protocol)\//;
const TEST = /\.test\.tsx?$/;

/** Functions and classes by name, and why not. */
const BANNED_NAMES: ReadonlyMap<string, string> = new Map([
  ['fetch', 'the module has no network'],
  ['XMLHttpRequest', 'the module has no network'],
  ['WebSocket', 'the module has no network'],
  ['EventSource', 'the module has no network'],
  ['importScripts', 'the module loads no code but its own imports'],
  ['eval', 'no code from text'],
  ['Function', 'no code from text'],
]);

/** The shortcuts of idb on a database write with relaxed durability. */
const RELAXED_WRITES = new Set(['put', 'add', 'delete', 'clear']);
const DATABASE_NAME = /^(db|database)$/i;

/** Every banned call in the module and the protocol. */
export function checkBannedCalls(files: readonly SourceFile[]): Finding[] {
  const findings: Finding[] = [];
  for (const file of files.filter((file) => isScript(file) && MODULE.test(file.path) && !TEST.test(file.path))) {
    visitFile(file, (node) => {
      const problem = problemOf(node);
      if (problem !== null) findings.push({ path: file.path, problem });
    });
  }
  return findings;
}

function problemOf(node: SyntaxNode): string | null {
  if (node.type !== 'CallExpression' && node.type !== 'NewExpression') return null;
  const callee = isNode(node.callee) ? node.callee : null;
  const called = callee === null ? null : nameOf(callee);
  if (callee === null || called === null) return null;
  if (callee.type === 'Identifier') {
    const reason = BANNED_NAMES.get(called);
    return reason === undefined ? null : `calls ${called}: ${reason}`;
  }
  const owner = isNode(callee.object) ? nameOf(callee.object) : null;
  if (owner === 'Math' && called === 'random') return 'calls Math.random: it can be guessed';
  if (owner !== null && DATABASE_NAME.test(owner) && RELAXED_WRITES.has(called)) {
    return `calls ${owner}.${called}: it writes with relaxed durability; use a transaction with durability: 'strict'`;
  }
  if (called === 'transaction' && isRelaxedWrite(node))
    return "opens a readwrite transaction without durability: 'strict'";
  return null;
}

/** The last name of `a.b.c`, or the name itself. */
function nameOf(node: SyntaxNode): string | null {
  if (node.type === 'Identifier') return typeof node.name === 'string' ? node.name : null;
  if (node.type === 'PrivateIdentifier') return typeof node.name === 'string' ? node.name : null;
  return node.type === 'MemberExpression' && isNode(node.property) ? nameOf(node.property) : null;
}

function isRelaxedWrite(call: SyntaxNode): boolean {
  const [, mode, options] = Array.isArray(call.arguments) ? call.arguments : [];
  if (!isNode(mode) || mode.value !== 'readwrite') return false;
  const properties = isNode(options) && Array.isArray(options.properties) ? options.properties : [];
  return !properties.some(
    (property) =>
      isNode(property) &&
      isNode(property.key) &&
      nameOf(property.key) === 'durability' &&
      isNode(property.value) &&
      property.value.value === 'strict',
  );
}
