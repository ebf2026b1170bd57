/** Which route of an HTTP API a request takes. */

export interface RouteMatch<Route> {
  route: Route;
  /** Decoded. */
  pathParameters: Record<string, string>;
}

/**
 * The most specific route: a segment as it stands before `{name}` before `{name+}`, its own method before ANY, and
 * `$default` last (API Gateway developer guide, "Create routes for HTTP APIs").
 */
export function matchRoute<Route extends { key: string }>(
  routes: readonly Route[],
  method: string,
  path: string,
): RouteMatch<Route> | undefined {
  const found = routes.flatMap((route) => {
    const [routeMethod = "", pattern = ""] = route.key.split(" ");
    if (routeMethod !== "ANY" && routeMethod !== method) return [];
    const pathParameters = matchPath(pattern, path);
    return pathParameters ? [{ route, pathParameters, rank: rankOf(pattern, routeMethod) }] : [];
  });
  const [best] = found.sort((one, other) => (one.rank < other.rank ? -1 : 1));
  if (best) return { route: best.route, pathParameters: best.pathParameters };
  const fallback = routes.find(({ key }) => key === "$default");
  return fallback && { route: fallback, pathParameters: {} };
}

function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split("/").slice(1);
  const given = path.split("/").slice(1);
  const parameters: Record<string, string> = {};
  for (const [position, segment] of wanted.entries()) {
    const [, name = "", greedy] = /^\{([^}+]+)(\+?)\}$/.exec(segment) ?? [];
    const value = greedy ? given.slice(position).join("/") : given[position];
    if (!value && (name || value === undefined)) return undefined;
    if (!name && value !== segment) return undefined;
    if (name) parameters[name] = decode(value ?? "");
    if (greedy) return parameters;
  }
  return wanted.length === given.length ? parameters : undefined;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** Text that sorts the more specific first. */
function rankOf(pattern: string, method: string): string {
  const segments = pattern.split("/").slice(1);
  const ranks = segments.map((segment) => (segment.endsWith("+}") ? "2" : segment.startsWith("{") ? "1" : "0"));
  return `${ranks.join("")}${method === "ANY" ? "1" : "0"}`;
}
