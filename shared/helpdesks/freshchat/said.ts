/**
 * What of the customer's was written last. Freshchat has no place for an id of ours, and customers say the same thing
 * twice ("yes"): so what is known to be another saying's, and all before it, is not taken for this one.
 */

/** In what is kept of a ticket: `<saying>=<message>` of the last saying, with a space between those of its pieces. */
export const SAID = "said";

/** @param kept as it stands @returns as it will stand: the pieces of one saying are kept together */
export function remember(kept: string | undefined, saying: string, message: string): string {
  const same = entriesIn(kept).filter((one) => wholeOf(one.saying) === wholeOf(saying) && one.saying !== saying);
  return [...same, { saying, message }].map((one) => `${one.saying}=${one.message}`).join(" ");
}

/** The message that a saying became; empty where Freshchat did not tell. */
export function messageOf(kept: string | undefined, saying: string): string | undefined {
  return entriesIn(kept).find((one) => one.saying === saying)?.message;
}

/** The last message that is known to be of something else, or of an earlier piece. */
export function lastMessage(kept: string | undefined): string | undefined {
  return entriesIn(kept).at(-1)?.message;
}

function entriesIn(kept = ""): { saying: string; message: string }[] {
  return kept.split(" ").flatMap((entry) => {
    const [saying, ...message] = entry.split("=");
    return saying ? [{ saying, message: message.join("=") }] : [];
  });
}

/** Long texts come in pieces: `msg_…`, `msg_…#1`, `msg_…#2` … */
function wholeOf(saying: string): string {
  return saying.replace(/#\d+$/, "");
}
