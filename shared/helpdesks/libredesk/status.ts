/** The states of a conversation there: administrators add their own, each of a category. */
const DONE = new Set(["Resolved", "Closed"]);

/** Whether nothing more is to be done. @param category of the status, where LibreDesk tells it */
export function isDone(status: string | null | undefined, category: string | null | undefined): boolean {
  return category === "resolved" || (typeof status === "string" && DONE.has(status));
}

/** What it is set to by us. */
export const STATUSES = { open: "Open", closed: "Resolved" } as const;
