/** Commands run in this process against an API that a test plays: what they ask, and what they print. */
import { vi } from "vitest";

export interface Asked {
  method: string;
  path: string;
  query: Record<string, string>;
  body: unknown;
}

/** @param answer JSON, or a whole answer */
export function playApi(answer: (asked: Asked) => unknown) {
  const asked: Asked[] = [];
  const out: string[] = [];
  const err: string[] = [];
  vi.spyOn(console, "log").mockImplementation((line: string) => void out.push(line));
  vi.spyOn(console, "error").mockImplementation((line: string) => void err.push(line));
  vi.stubGlobal("fetch", async (input: string | URL, init: RequestInit = {}) => {
    const url = new URL(input);
    const { method = "GET", body } = init;
    const one = {
      ...{ method, path: url.pathname, query: Object.fromEntries(url.searchParams) },
      body: typeof body === "string" ? JSON.parse(body) : undefined,
    };
    asked.push(one);
    const given = answer(one);
    return given instanceof Response ? given : new Response(JSON.stringify(given));
  });
  return { asked, out, err };
}

export const ACCESS = { url: "http://recado.test", key: "local-api-key" };

/** What the standard streams are said to be. */
export function atTerminal(...streams: ("stdin" | "stdout" | "stderr")[]): void {
  for (const stream of ["stdin", "stdout", "stderr"] as const)
    Object.defineProperty(process[stream], "isTTY", { value: streams.includes(stream), configurable: true });
}

export function notFound(): Response {
  const problem = { code: "not_found", detail: "There is no contact with this id.", requestId: "r" };
  return new Response(JSON.stringify(problem), { status: 404 });
}
