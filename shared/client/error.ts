/** What went wrong with a call, or with a webhook that was to be verified. */
export class RecadoError extends Error {
  override readonly name = "RecadoError";
  /** Stable: what the API says (`not_found`, `window_closed`, …), or `unreachable`, `not_understood`, `webhook_refused`. */
  readonly code: string;
  /** Of the answer; 0 where there was none. */
  readonly status: number;
  /** Finds the request in the logs. */
  readonly requestId: string | undefined;
  /** The field, parameter or header at fault. */
  readonly field: string | undefined;

  /** @param message a sentence; it may change */
  constructor(
    message: string,
    {
      code,
      status = 0,
      requestId,
      field,
      cause,
    }: {
      code: string;
      status?: number | undefined;
      requestId?: string | undefined;
      field?: string | undefined;
      cause?: unknown;
    },
  ) {
    super(message, { cause });
    this.code = code;
    this.status = status;
    this.requestId = requestId;
    this.field = field;
  }
}
