/** Tags have ids in Front, and are the company's before they are a conversation's. */
import * as z from "zod/mini";
import { ofTicket, type Refusal } from "../ask.ts";
import type { Place, TellOutcome } from "../helpdesk.ts";
import { askConversation, askFront, listIn } from "./api.ts";
import type { Secrets, Settings } from "./settings.ts";

type FrontPlace = Place<Settings, Secrets>;

const PAGE = 100;
const MOST_PAGES = 5;
const LONGEST_NAME = 64;

/** Adds the tags, and makes those that the company does not have. */
export async function tag(tags: readonly string[], place: FrontPlace): Promise<TellOutcome> {
  const { id } = place.ticket;
  const names = [...new Set(tags.map((name) => name.slice(0, LONGEST_NAME)))];
  if (id === undefined || names.length === 0) return { kind: "told", ids: [] };
  const known = await tagIds(names, place);
  if ("kind" in known) return known;
  for (const name of names) {
    if (known.ids.has(name)) continue;
    const made = await askFront(place, "company", { method: "POST", path: "/company/tags", json: { name } });
    if (!made.isOk) return made.outcome;
    const tag = Tag.safeParse(made.json);
    if (!tag.success) return { kind: "uncertain", detail: "the answer names no tag" };
    known.ids.set(name, tag.data.id);
  }
  const json = { tag_ids: names.flatMap((name) => known.ids.get(name) ?? []) };
  const { asked, id: found } = await askConversation(place, id, { method: "POST", path: "/tags", json });
  if (found !== id) await place.keep({ id: found });
  if (asked.isOk) return { kind: "told", ids: [] };
  return ofTicket(asked);
}

/** Of those names that the company has, as far as it is asked. */
async function tagIds(names: readonly string[], place: FrontPlace): Promise<{ ids: Map<string, string> } | Refusal> {
  const ids = new Map<string, string>();
  let next = "";
  for (let page = 0; page < MOST_PAGES; page++) {
    const path = `/tags?limit=${PAGE}${next && `&page_token=${encodeURIComponent(next)}`}`;
    const asked = await askFront(place, "company", { method: "GET", path });
    if (!asked.isOk) return asked.outcome;
    const list = listIn(asked.json);
    for (const one of list.results) {
      const { data } = Tag.safeParse(one);
      if (data && names.includes(data.name) && !ids.has(data.name)) ids.set(data.name, data.id);
    }
    next = list.next ?? "";
    if (!next || ids.size === names.length) break;
  }
  return { ids };
}

const Tag = z.object({ id: z.string(), name: z.string() });
