/** What a WhatsApp message says → content. Whatever cannot be read in full is kept whole under Meta's word for it. */
import type { Content } from "../domain/content.ts";
import { isRecord, keptRaw } from "../domain/raw-element.ts";
import type { File, Message } from "./payload.ts";

/** @param raw the element that `said` was read from */
export function contentOf(said: Message, raw: unknown): Content {
  return readable(said) ?? { type: "unsupported", reason: reasonOf(said), raw: keptRaw(raw) };
}

/** Meta names what it does not hand over; the kind of an interactive message says more than `interactive`. */
function reasonOf({ type, unsupported, interactive, errors = [] }: Message): string {
  // To a number that is in the phone app too: it can only be read there.
  if (errors.some((error) => isRecord(error) && error.code === 131060)) return "unavailable";
  const kind = type === "unsupported" ? unsupported?.type : type === "interactive" ? interactive?.type : undefined;
  return (kind || type || "unknown").slice(0, 60);
}

function readable(said: Message): Content | undefined {
  switch (said.type) {
    case "text":
      return said.text?.body === undefined ? undefined : { type: "text", text: said.text.body };
    case "image":
    case "video":
    case "document":
      return withFile(said.type, said[said.type]);
    case "audio": {
      const audio = withFile("audio", said.audio);
      return audio && { ...audio, ...(typeof said.audio?.voice === "boolean" && { voice: said.audio.voice }) };
    }
    case "sticker": {
      const sticker = withFile("sticker", said.sticker);
      const animated = said.sticker?.animated;
      return sticker && { ...sticker, ...(typeof animated === "boolean" && { animated }) };
    }
    case "location":
      return locationOf(said.location);
    case "contacts": {
      const contacts = recordsIn(said.contacts);
      const origin = said.origin && { origin: said.origin };
      return contacts && { type: "contacts", contacts: contacts.map((contact) => ({ ...origin, ...contact })) };
    }
    case "button":
      return choice({ id: said.button?.payload, title: said.button?.text });
    case "interactive":
      return answerOf(said.interactive);
    case "order":
      return orderOf(said.order);
    default:
      return undefined;
  }
}

function withFile<Type extends "image" | "video" | "audio" | "document" | "sticker">(type: Type, file?: File) {
  const url = file?.url || file?.link;
  if (!file || !(file.id || url)) return undefined;
  const media = {
    ...(file.id && { providerMediaId: file.id }),
    ...(url && { url }),
    contentType: file.mime_type || "application/octet-stream",
    ...(file.filename && { fileName: file.filename }),
    ...(file.sha256 && { sha256: file.sha256 }),
  };
  return { type, media, ...(file.caption && { caption: file.caption }) };
}

function locationOf(location: Message["location"]): Content | undefined {
  const latitude = numberIn(location?.latitude);
  const longitude = numberIn(location?.longitude);
  if (latitude === undefined || longitude === undefined) return undefined;
  const { name, address, url } = location ?? {};
  const place = { ...(name && { name }), ...(address && { address }), ...(url && { url }) };
  return { type: "location", latitude, longitude, ...place };
}

/** Documented as a number in one place and as text in another. */
function numberIn(value: unknown): number | undefined {
  const isGiven = typeof value === "number" || (typeof value === "string" && value.trim() !== "");
  return isGiven && Number.isFinite(Number(value)) ? Number(value) : undefined;
}

function choice(option: { id?: string | undefined; title?: string | undefined; description?: string | undefined }) {
  const id = option.id || option.title;
  if (!id) return undefined;
  const { title = id, description } = option;
  return { type: "choice" as const, id, title, ...(description && { description }) };
}

/** What was picked or filled in; the keys are mutually exclusive. */
function answerOf(interactive: Message["interactive"]): Content | undefined {
  const { button_reply, list_reply, nfm_reply: form, call_permission_reply: permission } = interactive ?? {};
  const option = button_reply ?? list_reply;
  if (option) return choice(option);
  if (form) {
    const values = recordIn(jsonIn(form.response_json));
    return values && { type: "form", ...(form.name && { name: form.name }), values };
  }
  const values = recordIn(permission);
  return values && { type: "form", name: "call_permission_reply", values };
}

function orderOf(order: Message["order"]): Content | undefined {
  const items = recordsIn(order?.product_items);
  if (!order?.catalog_id || !items) return undefined;
  return { type: "order", catalog: order.catalog_id, ...(order.text && { text: order.text }), items };
}

/** An object that is not nested deeper than the hops behind us carry. */
function recordIn(value: unknown): Record<string, unknown> | undefined {
  const kept = keptRaw(value);
  return isRecord(kept) ? kept : undefined;
}

/** Undefined unless there is at least one, and all of them are objects. */
function recordsIn(values: readonly unknown[] | undefined): Record<string, unknown>[] | undefined {
  const records = (values ?? []).map(recordIn).filter((record) => record !== undefined);
  return records.length > 0 && records.length === values?.length ? records : undefined;
}

function jsonIn(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}
