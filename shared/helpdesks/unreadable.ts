import type { DeskParse } from "./helpdesk.ts";

/** What zod found wrong: of the first issue, where it is and why. @param within where in the body it was looked for */
export function unreadable(
  { issues: [issue] }: { issues: readonly { path: readonly PropertyKey[]; message: string }[] },
  ...within: string[]
): DeskParse {
  const field = [...within, ...(issue?.path ?? [])].map(String).join(".");
  return { ok: false, reason: `${field || "the body"}: ${issue?.message}`, ...(field && { field }) };
}
