// Reads the project's source files and parses what they import and call, for the checks beside this file.
// Called by scripts/check-source.ts and by the tests, which give their own files instead.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { parseSync } from 'vite';

/** A source file: path from the project's folder with `/` between names, and its text. */
export type SourceFile = { readonly path: string; readonly text: string };

/** One import or re-export of another file of the project, or of a package. */
export type Import = {
  /** Path from the project's folder where it is relative, else the name as written. */
  readonly target: string;
  readonly isRelative: boolean;
  /** True where nothing of it is left when it runs. */
  readonly isTypeOnly: boolean;
  /** The names that are there when it runs; `*` for all. */
  readonly values: readonly string[];
};

/** A node of the syntax tree, of a kind that is not known yet. */
export type SyntaxNode = { readonly type: string } & Readonly<Record<string, unknown>>;

/** What a check found: where, and what to change. */
export type Finding = { readonly path: string; readonly problem: string };

const FOLDERS = ['src', 'server-mock', 'e2e', 'bench', 'scripts'];
const SCRIPT = /\.(ts|tsx|mjs)$/;

/** Every source file under the project's folder, sorted. */
export function readSources(root: string): SourceFile[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(root, folder, name)),
  )
    .filter((path) => SCRIPT.test(path) || path.endsWith('.css'))
    .sort()
    .map((path) => ({ path: relative(root, path).split(sep).join('/'), text: readFileSync(path, 'utf8') }));
}

/** True for a file that runs, so that it can be parsed. */
export function isScript(file: SourceFile): boolean {
  return SCRIPT.test(file.path);
}

/** All imports of a file: static, re-exported, dynamic and of types. Throws when the file does not parse. */
export function importsOf(file: SourceFile): Import[] {
  const { program, module } = parse(file);
  const found: Import[] = [];
  const add = (specifier: string, isTypeOnly: boolean, values: readonly string[]) => {
    const name = specifier.replace(/\?.*$/, '');
    const isRelative = name.startsWith('.');
    found.push({ target: isRelative ? posix.join(dirname(file.path), name) : name, isRelative, isTypeOnly, values });
  };
  for (const statement of module.staticImports) {
    const values = statement.entries.filter((entry) => !entry.isType).map((entry) => entry.importName.name ?? '*');
    // `import './x.ts'` has no names and runs all of it.
    const isTypeOnly = statement.entries.length > 0 && values.length === 0;
    add(statement.moduleRequest.value, isTypeOnly, values.length > 0 || isTypeOnly ? values : ['*']);
  }
  for (const statement of module.staticExports) {
    for (const entry of statement.entries) {
      if (entry.moduleRequest)
        add(entry.moduleRequest.value, entry.isType, entry.isType ? [] : [entry.importName.name ?? '*']);
    }
  }
  for (const dynamic of module.dynamicImports) {
    const written = file.text.slice(dynamic.moduleRequest.start, dynamic.moduleRequest.end);
    add(written.replace(/^['"`]|['"`]$/g, ''), false, ['*']);
  }
  visit(program, (node) => {
    if (node.type === 'TSImportType' && isNode(node.source) && typeof node.source.value === 'string') {
      add(node.source.value, true, []);
    }
  });
  return found;
}

/** Calls `see` with every node of a file's syntax tree. */
export function visitFile(file: SourceFile, see: (node: SyntaxNode) => void): void {
  visit(parse(file).program, see);
}

/** True for a node of the tree (and not a name, a number or a list in it). */
export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

function visit(value: unknown, see: (node: SyntaxNode) => void): void {
  if (Array.isArray(value)) for (const member of value) visit(member, see);
  else if (isNode(value)) {
    see(value);
    for (const member of Object.values(value)) visit(member, see);
  }
}

function parse(file: SourceFile) {
  const parsed = parseSync(file.path, file.text);
  const [error] = parsed.errors;
  if (error !== undefined) throw new Error(`${file.path} does not parse: ${error.message}`);
  return parsed;
}
