/** What each type of event tells, in a sentence or two. */
import type { EventType } from "../../shared/domain/event.ts";

/** `message.received` → `MessageReceived`, as schemas are called. */
export function eventName(type: EventType): string {
  return type
    .split(".")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
}

export const eventWords: Record<EventType, string> = {
  "message.received": "The customer wrote.",
  "message.queued": "A message of the business is to go out. What becomes of it is told by the events that follow.",
  "message.uncertain":
    "Whether the message went out is not known: the provider did not answer. A receipt or the policy settles it.",
  "message.sent":
    "The provider took the message; or the business wrote it elsewhere (phone app, Page inbox), and it is here as a whole.",
  "message.delivered": "It is on the customer's device. With `watermark`: so is everything of ours up to that time.",
  "message.read": "The customer has seen it. With `watermark`: and everything of ours up to that time.",
  "message.played": "The customer has listened to it.",
  "message.failed": "It did not reach the customer, or nobody can say that it did; `failure` says why.",
  "message.edited": "Its author changed what it says.",
  "message.deleted": "Its author took it back.",
  "message.reacted": "An emoji on a message, or one that was taken back.",
  "media.stored": "The file of a message is kept now, and can be opened through the API.",
  "media.failed": "The file of a message could not be kept.",
  "conversation.opened": "The conversation is open again.",
  "conversation.closed": "The conversation is closed, until the customer writes again.",
  "conversation.assigned": "An agent looks after it now, or nobody any more.",
  "conversation.tagged": "Its tags at a helpdesk changed.",
  "contact.updated": "More is known of the contact, or the business changed what it knows (`change` is `profile`).",
  "contact.merged":
    "Two addresses turned out to be one customer, and another conversation takes over from this one; or two contacts were said to be one person.",
  "contact.split": "Two contacts that were merged are two again.",
  "contact.erased":
    "The contact was erased on request: all that stands before it in this log is emptied, and who has a copy should remove theirs.",
  "consent.changed": "The customer wants to hear about a topic again, or no more.",
  "helpdesk.linked": "The conversation is a ticket at a helpdesk from now on.",
  "helpdesk.failed": "A helpdesk did not take an event, or an agent there wanted something that is not possible.",
  "account.alert": "Something about an account needs a person.",
};
