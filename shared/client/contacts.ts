/** The people behind conversations. */
import type { ApiContact, ExportItem } from "../domain/api-shapes.ts";
import type { ContactChange, ContactConsentToNote, ContactFilter } from "../domain/contact-shapes.ts";
import type { Envelope } from "../domain/envelope.ts";
import type { ErasureAnswer } from "../domain/erasure-shapes.ts";
import type { Access } from "./access.ts";
import { type ListOptions, rowsOf } from "./list.ts";
import { ask } from "./request.ts";

export interface Contacts {
  /** By name; with a filter those whose name begins so, or who is behind a number or an address. */
  list(options?: ListOptions & ContactFilter): AsyncGenerator<ApiContact, void>;
  get(id: string): Promise<ApiContact>;
  /** What is left out stays, `null` takes away. */
  change(id: string, change: ContactChange): Promise<ApiContact>;
  /** Says that the other one is the same person, and a part of this one from now on. Needs the scope `admin`. */
  merge(id: string, other: string): Promise<ApiContact>;
  /** Takes a merge back, and gives the one that stands by itself again. Needs the scope `admin`. */
  split(id: string, other: string): Promise<ApiContact>;
  /** Notes what they said elsewhere about being written to, for all of their conversations on the channel. */
  noteConsent(id: string, consent: ContactConsentToNote): Promise<ApiContact>;
  /** The changes that were made through the API, oldest first. */
  events(id: string, options?: ListOptions): AsyncGenerator<Envelope, void>;
  /** Everything that is kept about them. Links to files open for fifteen minutes. Needs the scope `admin`. */
  export(id: string, options?: Pick<ListOptions, "signal">): AsyncGenerator<ExportItem, void>;
  /** Has everything that is kept about them erased; `erasure` tells how far that is. Needs the scope `admin`. */
  erase(id: string): Promise<ErasureAnswer["erasure"]>;
  erasure(id: string): Promise<ErasureAnswer["erasure"]>;
}

export function contactsOf(access: Access): Contacts {
  const at = (id: string, what = "") => `/v1/contacts/${encodeURIComponent(id)}${what}`;
  const erasure = async (method: "DELETE" | "GET", path: string) =>
    (await ask<ErasureAnswer>(access, method, path)).erasure;
  return {
    list: (options = {}) => rowsOf(access, "/v1/contacts", options),
    get: (id) => ask(access, "GET", at(id)),
    change: (id, change) => ask(access, "PATCH", at(id), { body: change }),
    merge: (id, other) => ask(access, "POST", at(id, "/merge"), { body: { with: other } }),
    split: (id, other) => ask(access, "POST", at(id, "/split"), { body: { from: other } }),
    noteConsent: (id, consent) => ask(access, "POST", at(id, "/consents"), { body: consent }),
    events: (id, options = {}) => rowsOf(access, at(id, "/events"), options),
    export: (id, options = {}) => rowsOf(access, at(id, "/export"), options),
    erase: (id) => erasure("DELETE", at(id)),
    erasure: (id) => erasure("GET", `/v1/erasures/${encodeURIComponent(id)}`),
  };
}
