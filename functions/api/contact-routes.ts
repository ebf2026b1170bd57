/** What can be asked of contacts: who they are, what the business notes of them, and whom they are one person with. */
import { EventsQuery, NoQuery } from "../../shared/domain/api-shapes.ts";
import {
  ContactChange,
  ContactConsentToNote,
  ContactsQuery,
  ContactToMerge,
  ContactToSplit,
} from "../../shared/domain/contact-shapes.ts";
import { changeContact } from "./change-contact.ts";
import { noteContactConsent } from "./consents.ts";
import { showContact } from "./contacts.ts";
import { listContactEvents } from "./events.ts";
import { listContacts } from "./find-contacts.ts";
import { mergeContacts, splitContact } from "./merge-contacts.ts";
import type { Route } from "./route.ts";

export const contactRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/v1/contacts",
    scope: "read",
    answer: listContacts,
    about: {
      operation: "listContacts",
      group: "Contacts",
      summary: "List contacts by name, or find one by a number or an address",
      detail: [
        "With `name` those whose name begins so, whatever the case and the accents; other words of a name are not looked for.",
        "With `number`, or `address` and `account`, whoever is behind it, on one page.",
        "With none of them all contacts, those without a name at the end. A person stands there once, at the first of the names that they have.",
      ].join(" "),
      query: ContactsQuery,
      answers: { 200: { when: "A page of contacts.", shape: "ContactPage" } },
    },
  },
  {
    method: "GET",
    path: "/v1/contacts/{contact}",
    scope: "read",
    answer: showContact,
    about: {
      operation: "showContact",
      group: "Contacts",
      summary: "Show a contact, and where they are spoken to",
      query: NoQuery,
      answers: { 200: { when: "The contact.", shape: "ApiContact" } },
    },
  },
  {
    method: "PATCH",
    path: "/v1/contacts/{contact}",
    scope: "send",
    answer: changeContact,
    about: {
      operation: "changeContact",
      group: "Contacts",
      summary: "Change what the business calls a contact, and its attributes",
      detail: [
        "A merge patch (RFC 7396), as `application/json` or `application/merge-patch+json`: what is left out stays, `null` takes away.",
        "The name wins over what the channels tell, from now on; `null` gives the channels' name back. A contact has at most 50 attributes.",
      ].join(" "),
      query: NoQuery,
      body: ContactChange,
      answers: {
        200: { when: "It was so already; there is no event.", shape: "ApiContact" },
        202: { when: "The contact as it is as soon as the event is recorded.", shape: "ApiContact" },
      },
      problems: ["contact_merged", "too_many_attributes"],
    },
  },
  {
    method: "GET",
    path: "/v1/contacts/{contact}/events",
    scope: "read",
    answer: listContactEvents,
    about: {
      operation: "listContactEvents",
      group: "Events",
      summary: "List the changes of a contact that were made through the API, oldest first",
      detail:
        "`contact.updated`, `contact.merged` and `contact.split`. What the channels tell stands in conversations.",
      query: EventsQuery,
      answers: { 200: { when: "A page of events.", shape: "EventPage" } },
    },
  },
  {
    method: "POST",
    path: "/v1/contacts/{contact}/merge",
    scope: "admin",
    answer: mergeContacts,
    about: {
      operation: "mergeContacts",
      group: "Contacts",
      summary: "Say that two contacts are one person",
      detail: [
        "The contact in the path goes on, and the one in `with` is part of it: nothing is moved, and `split` takes it back.",
        "Of the person are the conversations of both. The name and each attribute are those of the contact that goes on, where it has them, else those of the ones that it absorbed, in that order.",
        "What they want to hear nothing about is, for each channel and topic, what was said last to any of them, and holds for all their conversations on that channel.",
        "What is written from now on is written to the contact that goes on. A contact that is part of another cannot be merged again.",
      ].join(" "),
      query: NoQuery,
      body: ContactToMerge,
      answers: {
        200: {
          when: "They are one already: there is an event only where something else came a moment before.",
          shape: "ApiContact",
        },
        202: { when: "The person, as soon as the event is recorded.", shape: "ApiContact" },
      },
      problems: ["contact_merged", "contact_unknown", "too_many_contacts"],
    },
  },
  {
    method: "POST",
    path: "/v1/contacts/{contact}/split",
    scope: "admin",
    answer: splitContact,
    about: {
      operation: "splitContact",
      group: "Contacts",
      summary: "Take a merge back",
      detail:
        "The contact in `from` stands by itself again, with those that it had absorbed. Each keeps what was written to it, also meanwhile: a name or an attribute stays with the contact that went on, a word about messages with the contact of the conversation in which it was said. Contacts of whom the channel told that they are the same customer stay one.",
      query: NoQuery,
      body: ContactToSplit,
      answers: {
        202: { when: "The contact that stands by itself, as soon as the event is recorded.", shape: "ApiContact" },
      },
      problems: ["contact_unknown", "not_merged", "not_recorded_yet"],
    },
  },
  {
    method: "POST",
    path: "/v1/contacts/{contact}/consents",
    scope: "send",
    answer: noteContactConsent,
    about: {
      operation: "noteContactConsent",
      group: "Contacts",
      summary: "Note what a contact said about hearing from the business on a channel",
      detail: "As for one conversation, in each that there is with them on the channel.",
      query: NoQuery,
      body: ContactConsentToNote,
      answers: {
        200: {
          when: "All of those conversations knew it already: there is an event only where something else came a moment before.",
          shape: "ApiContact",
        },
        202: { when: "So it will be as soon as the events are recorded.", shape: "ApiContact" },
      },
      problems: ["contact_merged", "recipient_unknown", "too_many_topics"],
    },
  },
];
