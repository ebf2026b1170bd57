/** Everything that can be asked for with an API key: what the router goes by, and what the contract is written from. */
import {
  ConsentToNote,
  ConversationsQuery,
  EventsQuery,
  ExportQuery,
  FeedQuery,
  ListQuery,
  MediaToUpload,
  MessagesQuery,
  MessageToSend,
  NoQuery,
  Nothing,
  ProactiveMessage,
  SendQuery,
} from "../../shared/domain/api-shapes.ts";
import {
  ReplayToStart,
  SecretToAdd,
  SubscriptionChange,
  SubscriptionToCreate,
} from "../../shared/domain/subscription-shapes.ts";
import { batchRoutes } from "./batch-routes.ts";
import { noteConsent } from "./consents.ts";
import { contactRoutes } from "./contact-routes.ts";
import { listConversations, setStatus, showConversation } from "./conversations.ts";
import { cancelReplays, listAttempts, listReplays, startReplay, testSubscription } from "./deliveries.ts";
import { showDocument } from "./documents.ts";
import { erasureRoutes } from "./erasure-routes.ts";
import { listAccountEvents, listAllEvents, listEvents } from "./events.ts";
import { exportContact } from "./export.ts";
import { followLink, offerUpload, showMedia } from "./media.ts";
import { cancelMessage, showMessage } from "./message.ts";
import { listMessages } from "./messages.ts";
import { type About, json, type OpenRoute, type Route } from "./route.ts";
import { sendMessage } from "./send.ts";
import { sendProactively } from "./send-proactively.ts";
import { sendSignal } from "./signal.ts";
import {
  addSecret,
  changeSubscription,
  createSubscription,
  deleteSubscription,
  listSubscriptions,
  showSubscription,
} from "./subscriptions.ts";

export const routes: readonly Route[] = [
  {
    method: "GET",
    path: "/v1/conversations",
    scope: "read",
    answer: listConversations,
    about: {
      operation: "listConversations",
      group: "Conversations",
      summary: "List conversations, those with the newest activity first",
      detail:
        "The order may lag behind by up to ten minutes from page to page; what is said of each conversation never does.",
      query: ConversationsQuery,
      answers: { 200: { when: "A page of conversations.", shape: "ConversationPage" } },
    },
  },
  {
    method: "GET",
    path: "/v1/conversations/{conversation}",
    scope: "read",
    answer: showConversation,
    about: {
      operation: "showConversation",
      group: "Conversations",
      summary: "Show a conversation",
      query: NoQuery,
      answers: { 200: { when: "The conversation as it is now.", shape: "ApiConversation" } },
    },
  },
  {
    method: "GET",
    path: "/v1/conversations/{conversation}/messages",
    scope: "read",
    answer: listMessages,
    about: {
      operation: "listMessages",
      group: "Messages",
      summary: "List the messages of a conversation, oldest first",
      detail: "Each has the status that the whole log gives it, receipts that came much later included.",
      query: MessagesQuery,
      answers: { 200: { when: "A page of messages.", shape: "MessagePage" } },
    },
  },
  {
    method: "POST",
    path: "/v1/conversations/{conversation}/messages",
    scope: "send",
    answer: sendMessage,
    about: {
      operation: "sendMessage",
      group: "Messages",
      summary: "Send a message, or ask what would become of it",
      detail: [
        "A message that is accepted is `queued`; what becomes of it then is told by events and by its status.",
        "What the channel does not carry goes out as the next best thing, which `dryRun=true` shows beforehand.",
        "What cannot go out at all is refused here and leaves no trace.",
      ].join(" "),
      query: SendQuery,
      body: MessageToSend,
      takesIdempotencyKey: true,
      answers: {
        200: { when: "With `dryRun=true`: what would go out, and nothing did.", shape: "PlanAnswer" },
        202: { when: "The message is queued.", shape: "SentMessage" },
      },
      problems: [
        "reply_to_unknown",
        "media_unknown",
        "account_unknown",
        "window_closed",
        "opted_out",
        "quiet_hours",
        "not_carried",
        "too_long",
        "empty",
      ],
    },
  },
  {
    method: "POST",
    path: "/v1/messages",
    scope: "send",
    answer: sendProactively,
    about: {
      operation: "sendProactively",
      group: "Messages",
      summary: "Send a message that the business begins, or ask what would become of it",
      detail: [
        "It goes to the first of `to` who may get it; a contact is spoken to where they wrote last.",
        "An address that nobody has written from begins a conversation, which the customer's answers join.",
        "With `sendAt` it waits until then, and is judged once more before it goes out; until then it can be cancelled.",
      ].join(" "),
      query: SendQuery,
      body: ProactiveMessage,
      takesIdempotencyKey: true,
      answers: {
        200: { when: "With `dryRun=true`: what would go out, and to whom; nothing did.", shape: "PlanAnswer" },
        202: { when: "The message is queued.", shape: "SentMessage" },
      },
      problems: [
        "reply_to_unknown",
        "media_unknown",
        "account_unknown",
        "address_invalid",
        "recipient_unknown",
        "window_closed",
        "opted_out",
        "quiet_hours",
        "not_carried",
        "too_long",
        "empty",
      ],
    },
  },
  {
    method: "GET",
    path: "/v1/messages/{message}",
    scope: "read",
    answer: showMessage,
    about: {
      operation: "showMessage",
      group: "Messages",
      summary: "Show a message that was sent through the API",
      detail: "For 90 days after it was to go out. All others are found in their conversation.",
      query: NoQuery,
      answers: { 200: { when: "The message, with what became of it.", shape: "SentMessage" } },
      problems: ["not_recorded_yet"],
    },
  },
  {
    method: "DELETE",
    path: "/v1/messages/{message}",
    scope: "send",
    answer: cancelMessage,
    about: {
      operation: "cancelMessage",
      group: "Messages",
      summary: "Cancel a message that has not gone out",
      detail: "It is then `failed`, with the class `cancelled`. Who cancels twice is answered the same.",
      query: NoQuery,
      answers: { 200: { when: "It does not go out any more.", shape: "SentMessage" } },
      problems: ["not_cancellable", "not_recorded_yet"],
    },
  },
  {
    method: "GET",
    path: "/v1/conversations/{conversation}/events",
    scope: "read",
    answer: listEvents,
    about: {
      operation: "listEvents",
      group: "Events",
      summary: "List the events of a conversation, oldest first",
      detail:
        "Its whole log, without a gap: who keeps the last `sequence` and asks again with `after` misses nothing. Of a conversation whose customer was erased, too: emptied, with its numbers.",
      query: EventsQuery,
      answers: { 200: { when: "A page of events.", shape: "EventPage" } },
    },
  },
  actionRoute("close", {
    answer: setStatus("closed"),
    operation: "closeConversation",
    summary: "Close a conversation",
    detail: "The customer's next message opens it again.",
    answers: {
      200: {
        when: "It was closed already: there is an event only where something else came a moment before.",
        shape: "ApiConversation",
      },
      202: { when: "It will be closed as soon as the event is recorded.", shape: "ApiConversation" },
    },
  }),
  actionRoute("open", {
    answer: setStatus("open"),
    operation: "openConversation",
    summary: "Open a conversation that was closed",
    answers: {
      200: {
        when: "It was open already: there is an event only where something else came a moment before.",
        shape: "ApiConversation",
      },
      202: { when: "It will be open as soon as the event is recorded.", shape: "ApiConversation" },
    },
  }),
  actionRoute("read", {
    answer: sendSignal("read"),
    operation: "showRead",
    summary: "Show the customer that their newest message was read",
    detail: "Passed on at once and kept nowhere. Only some channels know it.",
    answers: { 202: { when: "It is on its way.", shape: "Nothing" } },
    problems: ["not_carried"],
  }),
  actionRoute("typing", {
    answer: sendSignal("typing"),
    operation: "showTyping",
    summary: "Show the customer that somebody is writing",
    detail: "Lasts about twenty seconds; who writes for longer asks again. Kept nowhere. Only some channels know it.",
    answers: { 202: { when: "It is on its way.", shape: "Nothing" } },
    problems: ["not_carried"],
  }),
  ...batchRoutes,
  {
    method: "POST",
    path: "/v1/media",
    scope: "send",
    answer: offerUpload,
    about: {
      operation: "offerUpload",
      group: "Files",
      summary: "Announce a file that is to be sent, and learn where to put it",
      detail:
        "Make one request to `upload.url` with `upload.method` and every one of `upload.headers`, whose body is exactly the file. Then send it by its id, on any channel. A repetition with the same `Idempotency-Key` gives the same id with an upload that is valid anew.",
      query: NoQuery,
      body: MediaToUpload,
      takesIdempotencyKey: true,
      answers: { 201: { when: "Where to put the file, within fifteen minutes.", shape: "UploadOffer" } },
    },
  },
  {
    method: "GET",
    path: "/v1/media/{media}",
    scope: "read",
    answer: showMedia,
    about: {
      operation: "showFile",
      group: "Files",
      summary: "Show a stored file, with a link that opens it",
      detail: "The link works for fifteen minutes and needs no API key.",
      query: NoQuery,
      answers: { 200: { when: "The file, and its link.", shape: "ApiMedia" } },
    },
  },
  {
    method: "POST",
    path: "/v1/conversations/{conversation}/consents",
    scope: "send",
    answer: noteConsent,
    about: {
      operation: "noteConsent",
      group: "Conversations",
      summary: "Note what the customer said about hearing from the business",
      detail: "For what an agent heard on the phone, say. What customers write themselves is understood without it.",
      query: NoQuery,
      body: ConsentToNote,
      answers: {
        200: {
          when: "It was known already: there is an event only where something else came a moment before.",
          shape: "ApiConversation",
        },
        202: { when: "So it will be as soon as the event is recorded.", shape: "ApiConversation" },
      },
      problems: ["too_many_topics"],
    },
  },
  ...contactRoutes,
  ...erasureRoutes,
  {
    method: "GET",
    path: "/v1/contacts/{contact}/export",
    scope: "admin",
    answer: exportContact,
    about: {
      operation: "exportContact",
      group: "Contacts",
      summary: "Export everything that is kept about a contact",
      detail: [
        "In JSON, for them or for whoever serves them next. It is told of the person: who was merged into them belongs to it.",
        "A file that was sent several times comes with each; its link opens for fifteen minutes, so fetch files page by page.",
        "What happens meanwhile may be told or not.",
      ].join(" "),
      query: ExportQuery,
      answers: { 200: { when: "As much as goes into one answer.", shape: "ExportPage" } },
    },
  },
  {
    method: "GET",
    path: "/v1/events",
    scope: "read",
    answer: listAllEvents,
    about: {
      operation: "listAllEvents",
      group: "Events",
      summary: "List the events of all conversations, contacts and accounts, from a time on",
      detail: [
        "Begin with `since`, keep `nextCursor` and go on with it for ever, also after a month: nothing that was recorded is missed.",
        "Events come 40 seconds or more after they were recorded, those of one `subject` in the order of `sequence`, rarely one a second time (`id`).",
        "A page may be short or empty; ask again after a second. A key that is limited to some accounts gets the events of these, and none of contacts.",
      ].join(" "),
      query: FeedQuery,
      answers: { 200: { when: "A page of events.", shape: "FeedPage" } },
    },
  },
  {
    method: "GET",
    path: "/v1/accounts/{account}/events",
    scope: "read",
    answer: listAccountEvents,
    about: {
      operation: "listAccountEvents",
      group: "Events",
      summary: "List the events of an account that belong to no conversation, oldest first",
      detail: "Above all `account.alert`: something about this account needs a person.",
      query: EventsQuery,
      answers: { 200: { when: "A page of events.", shape: "EventPage" } },
    },
  },
  {
    method: "GET",
    path: "/v1/subscriptions",
    scope: "admin",
    answer: listSubscriptions,
    about: {
      operation: "listSubscriptions",
      group: "Subscriptions",
      summary: "List subscriptions, oldest first",
      query: ListQuery,
      answers: { 200: { when: "A page of subscriptions, without their secrets.", shape: "SubscriptionPage" } },
    },
  },
  {
    method: "POST",
    path: "/v1/subscriptions",
    scope: "admin",
    answer: createSubscription,
    about: {
      operation: "createSubscription",
      group: "Subscriptions",
      summary: "Have events sent to an endpoint",
      detail: [
        "Events that are recorded from `since` on, two seconds later, are delivered, those of one conversation in their order.",
        "The URL begins with https://, holds neither user name nor password and leads to the public internet.",
        "In `filter`, `types` are types of events or families such as `message.*`, and all that is given must hold.",
      ].join(" "),
      query: NoQuery,
      body: SubscriptionToCreate,
      answers: {
        201: {
          when: "The subscription. Its secret, with which every request is signed, stands in this answer and in no other.",
          shape: "CreatedSubscription",
        },
      },
      problems: ["account_unknown", "url_forbidden", "url_not_found", "too_many_subscriptions"],
    },
  },
  {
    method: "GET",
    path: "/v1/subscriptions/{subscription}",
    scope: "admin",
    answer: showSubscription,
    about: {
      operation: "showSubscription",
      group: "Subscriptions",
      summary: "Show a subscription, and how its endpoint is doing",
      query: NoQuery,
      answers: { 200: { when: "The subscription, without its secrets.", shape: "ShownSubscription" } },
    },
  },
  {
    method: "PATCH",
    path: "/v1/subscriptions/{subscription}",
    scope: "admin",
    answer: changeSubscription,
    about: {
      operation: "changeSubscription",
      group: "Subscriptions",
      summary: "Change a subscription, stop it, or have it go on",
      detail: [
        "A filter replaces the one before as a whole, and judges what is recorded from two seconds later on.",
        "A subscription that is enabled again goes on where it stopped: nothing that was recorded meanwhile is missed.",
      ].join(" "),
      query: NoQuery,
      body: SubscriptionChange,
      answers: { 200: { when: "The subscription as it is now.", shape: "ShownSubscription" } },
      problems: ["changed_meanwhile", "account_unknown", "url_forbidden", "url_not_found"],
    },
  },
  {
    method: "DELETE",
    path: "/v1/subscriptions/{subscription}",
    scope: "admin",
    answer: deleteSubscription,
    about: {
      operation: "deleteSubscription",
      group: "Subscriptions",
      summary: "Remove a subscription",
      detail: "What waits for it is not delivered any more. To stop it for a while, disable it.",
      query: NoQuery,
      answers: { 204: { when: "It is removed." } },
      problems: ["changed_meanwhile"],
    },
  },
  {
    method: "POST",
    path: "/v1/subscriptions/{subscription}/test",
    scope: "admin",
    answer: testSubscription,
    about: {
      operation: "testSubscription",
      group: "Subscriptions",
      summary: "Send an example to the endpoint, and learn what came of it",
      detail: [
        "A signed `message.received` that is in no log, with the header `recado-test`.",
        "It is sent whether the subscription is enabled or not, whatever its filter, once, and is never tried again.",
      ].join(" "),
      query: NoQuery,
      body: Nothing,
      isBodyOptional: true,
      answers: {
        200: {
          when: "What came of it: `outcome` says whether the endpoint took it.",
          shape: "TestedSubscription",
        },
      },
    },
  },
  {
    method: "POST",
    path: "/v1/subscriptions/{subscription}/replay",
    scope: "admin",
    answer: startReplay,
    about: {
      operation: "startReplay",
      group: "Subscriptions",
      summary: "Have events delivered again",
      detail: [
        "Name one of `conversation` (with `from` and `to`, or either), `since` (with `until`, or without), and `failed`. Times have a zone: `Z`, or an offset such as `+01:00`.",
        "What comes again is what the newest filter wants; it has the `webhook-id` that it had, and the header `recado-replay`.",
        "A span of time may begin before the subscription did.",
      ].join(" "),
      query: NoQuery,
      body: ReplayToStart,
      answers: {
        202: { when: "It is under way; its id stands in `recado-replay` and in attempts.", shape: "StartedReplay" },
      },
      problems: ["replay_under_way", "subscription_disabled"],
    },
  },
  {
    method: "GET",
    path: "/v1/subscriptions/{subscription}/replays",
    scope: "admin",
    answer: listReplays,
    about: {
      operation: "listReplays",
      group: "Subscriptions",
      summary: "List replays that are under way or were the last of their kind, newest first",
      detail: [
        "That of one conversation is no walk and stands in attempts alone.",
        "What is done has come to everything; deliveries go on at the endpoint's pace.",
      ].join(" "),
      query: ListQuery,
      answers: { 200: { when: "A page of replays.", shape: "ReplayPage" } },
    },
  },
  {
    method: "DELETE",
    path: "/v1/subscriptions/{subscription}/replays",
    scope: "admin",
    answer: cancelReplays,
    about: {
      operation: "cancelReplays",
      group: "Subscriptions",
      summary: "Cancel the replays that are under way",
      detail: [
        "Of a span of time nothing more is delivered again than is on its way; what a replay of `failed` has not come to",
        "stays to be replayed. What brings a subscription up to date goes on.",
      ].join(" "),
      query: NoQuery,
      answers: {
        200: { when: "Those that were cancelled; none where none was under way.", shape: "CancelledReplays" },
      },
    },
  },
  {
    method: "GET",
    path: "/v1/subscriptions/{subscription}/attempts",
    scope: "admin",
    answer: listAttempts,
    about: {
      operation: "listAttempts",
      group: "Subscriptions",
      summary: "List what was sent to the endpoint and what came of it, newest first",
      detail: "Every request of the last thirty days, tests and replays included.",
      query: ListQuery,
      answers: { 200: { when: "A page of attempts.", shape: "AttemptPage" } },
    },
  },
  {
    method: "POST",
    path: "/v1/subscriptions/{subscription}/secrets",
    scope: "admin",
    answer: addSecret,
    about: {
      operation: "addSecret",
      group: "Subscriptions",
      summary: "Add a secret that takes the place of those before it",
      detail: [
        "The new one signs from two seconds later on at most, beside those before it until they expire: after a day, unless",
        "`expireOldAfterSeconds` says otherwise. At most five sign at once; the oldest gives way.",
      ].join(" "),
      query: NoQuery,
      body: SecretToAdd,
      isBodyOptional: true,
      answers: {
        201: { when: "The new secret, in this answer and in no other, and all that sign now.", shape: "AddedSecret" },
      },
      problems: ["changed_meanwhile"],
    },
  },
];

/** Something that is done to a conversation and takes no words. */
function actionRoute(
  action: string,
  {
    answer,
    ...about
  }: Pick<Route, "answer"> & Pick<About, "operation" | "summary" | "detail" | "answers" | "problems">,
): Route {
  return {
    method: "POST",
    path: `/v1/conversations/{conversation}/${action}`,
    scope: "send",
    answer,
    about: { group: "Conversations", query: NoQuery, body: Nothing, isBodyOptional: true, ...about },
  };
}

/** What anyone may ask. */
export const openRoutes: readonly OpenRoute[] = [
  {
    method: "GET",
    path: "/healthz",
    answer: async () => json(200, { status: "ok" }),
    about: {
      operation: "showHealth",
      group: "Service",
      summary: "Ask whether the API answers",
      answers: { 200: { when: "It does.", shape: "Health" } },
    },
  },
  {
    method: "GET",
    path: "/openapi.json",
    answer: showDocument("openapi"),
    about: {
      operation: "showOpenApi",
      group: "Service",
      summary: "Get this document",
      answers: {
        200: {
          when: "The document, with the address that it was asked at.",
          shape: "AnyDocument",
          headers: { etag: "Changes with the document." },
        },
        304: { when: "The caller has it already: `If-None-Match` names its `etag`." },
      },
    },
  },
  {
    method: "GET",
    path: "/asyncapi.json",
    answer: showDocument("asyncapi"),
    about: {
      operation: "showAsyncApi",
      group: "Service",
      summary: "Get the description of the events, as AsyncAPI 3",
      answers: {
        200: { when: "The document.", shape: "AnyDocument", headers: { etag: "Changes with the document." } },
        304: { when: "The caller has it already: `If-None-Match` names its `etag`." },
      },
    },
  },
  {
    method: "GET",
    path: "/v1/links/{code}",
    answer: ({ name, ports }) => followLink(name, ports),
    about: {
      operation: "followLink",
      group: "Service",
      summary: "Open a file by the link that a customer got",
      detail: "For files that a channel does not carry. The link itself lets in, for seven days.",
      answers: { 302: { when: "Where the file is now.", headers: { location: "Opens the file for five minutes." } } },
    },
  },
];
