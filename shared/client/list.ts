/** Lists of the API, walked through row by row and read page by page. */
import type { Page } from "../domain/api-shapes.ts";
import type { Access } from "./access.ts";
import { request } from "./request.ts";

export interface ListOptions {
  /** Rows of a page, 1 to 100. */
  limit?: number;
  signal?: AbortSignal;
}

/** @param options what else stands in them, such as the filters of the list, is asked along */
export async function* rowsOf<Row>(
  access: Access,
  path: string,
  { signal, ...query }: ListOptions,
): AsyncGenerator<Row, void> {
  let cursor: string | undefined;
  do {
    const call = { path, query: { ...query, cursor }, isRepeatable: true, signal };
    const page: Page<Row> = await request<Page<Row>>(access, call);
    yield* page.data;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}
