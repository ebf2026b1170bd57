/** What a client is made with. */
export interface Access {
  /** Where Recado is, with a path below which it stands or without: the output `ApiUrl`, or `http://localhost:3000`. */
  url: string;
  /** API key. */
  key: string;
  /** In place of the global one. A `RecadoError` that it throws is passed on, and the call is not repeated. */
  fetch?: typeof fetch;
  /**
   * How often a call is repeated that was refused for now, or that nobody answered. 4 unless told otherwise; with
   * `Infinity` for ever, and then a `Retry-After` is waited for however long it is.
   */
  retries?: number;
}

export interface SendOptions {
  /** Under one key it is done once, however often the call is repeated. Made for each call unless given. */
  idempotencyKey?: string;
}
