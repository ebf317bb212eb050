import { Memo } from '../memo.ts';
import { ROUTES, type Route } from './routes.ts';

/** Templates of the paths that the clients of other platforms rewrite a request to. */
const PLATFORM_TEMPLATES: readonly (readonly [pattern: RegExp, template: string])[] = [
  [/\/model\/[^/]+\/invoke$/, '/model/{model}/invoke'],
  [/\/model\/[^/]+\/invoke-with-response-stream$/, '/model/{model}/invoke-with-response-stream'],
  [
    /\/projects\/[^/]+\/locations\/[^/]+\/publishers\/anthropic\/models\/[^/]+:(\w+)$/,
    '/projects/{project}/locations/{location}/publishers/anthropic/models/{model}:$1',
  ],
];

const VERBS = new Set(['rawPredict', 'streamRawPredict']);
const MAX_CACHED_PATHS = 500;
const MAX_CACHED_METHODS = 10;

type Node = { readonly literals: Map<string, Node>; parameter?: Node; route?: Route };

const trees = new Map<string, Node>();
/** By path and method. */
const known = new Memo<string, Memo<string, Route | null>>(MAX_CACHED_PATHS);

function newNode(): Node {
  return { literals: new Map() };
}

function buildTrees(): void {
  for (const route of ROUTES) {
    const [method, template] = route;
    let node = trees.get(method);
    if (!node) trees.set(method, (node = newNode()));
    for (const segment of template.split('/')) {
      if (segment.startsWith('{')) {
        node = node.parameter ??= newNode();
        continue;
      }
      let next = node.literals.get(segment);
      if (!next) node.literals.set(segment, (next = newNode()));
      node = next;
    }
    node.route = route;
  }
}

function walk(node: Node, segments: readonly string[], index: number): Route | undefined {
  const segment = segments[index];
  if (segment === undefined) return node.route;
  const literal = node.literals.get(segment);
  const found = literal && walk(literal, segments, index + 1);
  if (found) return found;
  return node.parameter && segment !== '' ? walk(node.parameter, segments, index + 1) : undefined;
}

/** The path of what an SDK request goes to: a path with a query, or an absolute URL. */
export function pathOf(path: string): string {
  const withoutOrigin = /^https?:\/\//i.test(path) ? path.replace(/^https?:\/\/[^/?#]*/i, '') : path;
  return withoutOrigin.split(/[?#]/, 1)[0] ?? '';
}

/** The API's endpoint that an SDK request with this method and path (or absolute URL) goes to, if it is a known one. */
export function matchRoute(method: string, path: string): Route | undefined {
  const ofPath = known.get(path) ?? known.add(path, new Memo(MAX_CACHED_METHODS));
  const route = ofPath.get(method);
  return (route === undefined ? ofPath.add(method, findRoute(method, path)) : route) ?? undefined;
}

function findRoute(method: string, path: string): Route | null {
  if (trees.size === 0) buildTrees();
  const tree = trees.get(method.toUpperCase());
  return (tree && walk(tree, pathOf(path).split('/'), 0)) ?? null;
}

/** The template of a path that a platform's client (Bedrock, Vertex) rewrote a request to, if it is a known one. */
export function platformTemplate(pathname: string): string | undefined {
  for (const [pattern, template] of PLATFORM_TEMPLATES) {
    const match = pattern.exec(pathname);
    if (!match) continue;
    const verb = match[1];
    if (verb === undefined) return template;
    return VERBS.has(verb) ? template.replace('$1', verb) : undefined;
  }
  return undefined;
}
