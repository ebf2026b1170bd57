/** Lists of the API, walked through row by row and read page by page. */
import type { Page } from "../domain/api-shapes.ts";
import type { Access } from "./access.ts";
import { request } from "./request.ts";

export interface ListOptions {
  /** Rows of a page, 1 to 100. */
  limit?: number;
  signal?: AbortSignal;
}

export async function* rowsOf<Row>(
  access: Access,
  path: string,
  { limit, signal }: ListOptions,
): AsyncGenerator<Row, void> {
  let cursor: string | undefined;
  do {
    const call = { path, query: { limit, cursor }, isRepeatable: true, signal };
    const page: Page<Row> = await request<Page<Row>>(access, call);
    yield* page.data;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}
