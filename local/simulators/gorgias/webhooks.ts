/**
 * What an HTTP integration sends: its owner's request body, in whose places Gorgias puts what it knows of the ticket, as
 * Python would print it.
 */
import type { DeskDeed } from "../ticket-desk.ts";
import { type Account, iso } from "./account.ts";

/** A request body: texts with places in them by name, or everything at once. */
export type Form = Readonly<Record<string, string>> | "{{context}}";

/** The events of a deed, in the order in which they are told. */
function eventsOf({ type, ...deed }: DeskDeed): string[] {
  switch (type) {
    case "message": {
      const isFirst = "message" in deed && deed.ticket.messages[0] === deed.message;
      return [...(isFirst ? ["ticket-created"] : []), "ticket-message-created"];
    }
    case "state":
    case "assigned":
    case "tags":
      return ["ticket-updated"];
    // Nothing tells that a message was deleted, and none can be changed.
    default:
      return [];
  }
}

export function bodiesOf(deed: DeskDeed, account: Account, form: Form): string[] {
  const { ticket } = deed;
  return eventsOf(deed).map((type) => {
    const message = "message" in deed ? account.messageJson(deed.message, ticket) : undefined;
    const context = {
      event: {
        id: account.store.number(),
        type,
        object_id: message?.id ?? Number(ticket.id),
        created_datetime: iso(Date.now()),
      },
      ticket: account.wholeTicketJson(ticket),
      ...(message && { message }),
    };
    if (typeof form === "string") return JSON.stringify(context);
    return JSON.stringify(
      Object.fromEntries(Object.entries(form).map(([name, text]) => [name, filled(text, context)])),
    );
  });
}

function filled(text: string, context: object): string {
  return text.replace(/\{\{\s*([\w.]+)\s*(\|\s*tojson)?\s*\}\}/g, (_, path: string, isJson?: string) => {
    let value: unknown = context;
    for (const name of path.split("."))
      value = typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
    return isJson ? JSON.stringify(value ?? null) : printed(value);
  });
}

/** What is not there at all is nothing; what is there and is nothing is `None`. */
function printed(value: unknown): string {
  if (value === undefined) return "";
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
