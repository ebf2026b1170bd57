import * as z from "zod/mini";
import type { DeskHappening } from "../../domain/desk-happening.ts";
import { everyKey } from "../../domain/rotating-secret.ts";
import { signatureHeaders } from "../../http/standard-webhooks.ts";
import { ask, notNow } from "../ask.ts";
import type { DeskReconciler } from "../helpdesk.ts";
import { happeningsOf } from "./parse.ts";
import { Told } from "./payload.ts";
import type { Secrets, Settings } from "./settings.ts";

/** What agents wrote in one conversation, in the order in which they wrote it, in the form of the desk's webhooks. */
const Replies = z.object({ data: z.array(z.unknown()) });

export const reconciler: DeskReconciler<Settings, Secrets> = {
  /** A desk that gave no `repliesUrl` is not asked: what its webhooks say is all. `upTo` is the id of the last. */
  async heard({ id: conversation }, { after }, { desk, http }) {
    const { repliesUrl } = desk.settings;
    if (repliesUrl === undefined) return { kind: "heard", happenings: [] };
    const keys = everyKey(desk.secrets.webhookSecret);
    if (keys.length === 0) return { kind: "unavailable", detail: "no webhook secret is set" };
    const url = new URL(repliesUrl);
    url.searchParams.set("conversation", conversation);
    if (after !== undefined) url.searchParams.set("after", after);
    // There is no body: what is signed is what is asked for.
    const signed = { id: `replies_${conversation}_${after ?? ""}`, now: Date.now(), body: url.search };
    const answer = await ask(http, { method: "GET", url: url.href, headers: signatureHeaders(signed, keys) });
    if (!answer.isOk) return notNow(answer.outcome);
    const list = Replies.safeParse(answer.json);
    if (!list.success) return { kind: "unavailable", detail: "the list of replies is not in the agreed form" };
    const happenings = list.data.data.flatMap((one): DeskHappening[] => {
      const told = Told.safeParse(one);
      const parsed = told.success ? happeningsOf(told.data) : undefined;
      return parsed?.ok ? parsed.happenings : [];
    });
    const last = happenings.at(-1);
    return { kind: "heard", happenings, ...(last && { upTo: last.id }) };
  },
  /** Nobody knows: what was lost is found with the next reply of its conversation. */
  changed: async () => ({ kind: "changed", tickets: [] }),
};
