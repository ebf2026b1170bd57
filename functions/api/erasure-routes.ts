/** What can be asked of erasures. */
import { NoQuery } from "../../shared/domain/api-shapes.ts";
import { eraseContact, showErasure } from "./erasures.ts";
import type { Route } from "./route.ts";

export const erasureRoutes: readonly Route[] = [
  {
    method: "DELETE",
    path: "/v1/contacts/{contact}",
    scope: "admin",
    answer: eraseContact,
    about: {
      operation: "eraseContact",
      group: "Contacts",
      summary: "Erase a contact: everything that they and the business said to each other, and who they are",
      detail: [
        "The logs are emptied, not shortened: numbers, types and times stay, and every event says `erased`. Files, aliases, providers' ids and ties to tickets are deleted.",
        "Whoever follows the events hears of it by `contact.erased`, once in every log of the contact. Messages that wait to be sent are not sent.",
        "What they want to hear nothing about stays in force. Who writes again begins anew.",
        "To ask again while it is under way changes nothing.",
        "A contact that is part of another one is erased with it, by the other's id; to erase it alone, split it off first.",
      ].join(" "),
      query: NoQuery,
      answers: {
        200: { when: "They were erased before, and nothing is known of them since.", shape: "ErasureAnswer" },
        202: { when: "It is under way, or was already.", shape: "ErasureAnswer" },
      },
      problems: ["contact_merged"],
    },
  },
  {
    method: "GET",
    path: "/v1/erasures/{erasure}",
    scope: "admin",
    answer: showErasure,
    about: {
      operation: "showErasure",
      group: "Contacts",
      summary: "Show an erasure, and its receipt once it is done",
      detail: "The receipt names every place that was cleaned, and what remains where Recado cannot reach.",
      query: NoQuery,
      answers: { 200: { when: "The erasure.", shape: "ErasureAnswer" } },
    },
  },
];
