/** A note in a thread that agents alone see: a comment, which never leaves by the channel. */
import type { Saying } from "../../domain/telling.ts";
import { ofTicket } from "../ask.ts";
import type { Place as AnyPlace, TellOutcome } from "../helpdesk.ts";
import { askHubspot, threadPath } from "./api.ts";
import { upload } from "./files.ts";
import { Made, type Message } from "./payload.ts";
import type { Secrets, Settings } from "./settings.ts";
import { newestIn, timeOf } from "./threads.ts";
import { wordsOf } from "./words.ts";

type Place = AnyPlace<Settings, Secrets>;

/** A comment carries no id of ours: an earlier try is known by its words, and is not older than this. */
const TRIED_WITHIN_MS = 30 * 60_000;

export async function comment(saying: Saying, place: Place): Promise<TellOutcome> {
  const { id: thread } = place.ticket;
  if (thread === undefined) return { kind: "closed", detail: "no thread is known" };
  if (place.isRepeated) {
    const since = place.now - TRIED_WITHIN_MS;
    const listed = await newestIn(thread, since, place);
    if (listed.kind === "gone") return { kind: "closed", detail: listed.detail };
    if (listed.kind !== "listed") return listed;
    const wanted = textOf(saying, []).trim();
    const found = listed.messages.find(
      (one) => one.type === "COMMENT" && timeOf(one) >= since && isOwn(one, place.desk.settings) && isSame(one, wanted),
    );
    if (found) return { kind: "told", ids: [found.id] };
  }
  const uploaded = await upload(saying.files, place);
  if (uploaded.kind !== "uploaded") return uploaded;
  const asked = await askHubspot(place, {
    method: "POST",
    url: `${threadPath(thread)}/messages`,
    json: {
      type: "COMMENT",
      text: textOf(saying, uploaded.missing),
      attachments: uploaded.files.map(({ id }) => ({ type: "FILE", fileId: id })),
    },
  });
  if (!asked.isOk) return ofTicket(asked);
  const made = Made.safeParse(asked.json);
  return { kind: "told", ids: made.success ? [made.data.id] : [] };
}

/** Written with this app's token; an app that does not say which it is counts, too. */
export function isOwn({ client }: Message, { appId }: Settings): boolean {
  return client?.clientType === "INTEGRATION" && (client.integrationAppId ?? appId) === appId;
}

/** Names of files that were missing may stand behind the words. */
function isSame({ text }: Message, wanted: string): boolean {
  const said = text?.trim() ?? "";
  return said === wanted || (wanted !== "" && said.startsWith(`${wanted}\n[`));
}

function textOf(saying: Saying, missing: readonly string[]): string {
  const words = wordsOf(saying, { missing, place: true });
  if (saying.from === "recado") return words;
  return `${saying.from === "business" ? (saying.author ?? "The business") : "The customer"}: ${words}`;
}
