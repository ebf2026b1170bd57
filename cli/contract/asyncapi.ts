/** The stream of events as an AsyncAPI 3 document: the same envelope on every way out. */
import { CONTRACT_VERSION } from "../../shared/domain/contract-version.ts";
import { EventType } from "../../shared/domain/event.ts";
import { busShapes, eventShapes } from "../../shared/domain/event-shapes.ts";
import { eventExamples } from "./event-examples.ts";
import { eventName, eventWords } from "./event-words.ts";
import { type JsonObject, PARTS_GIVEN, schemasOf } from "./json-schema.ts";

export const ASYNCAPI_PATH = "docs/contract/asyncapi.json";

const DESCRIPTION = `Everything that happens, as CloudEvents 1.0. The same envelope goes to webhooks, onto the EventBridge bus, onto the
SNS topic and into \`GET /v1/events\` and \`GET /v1/conversations/{conversation}/events\`.

**Order.** \`sequence\` numbers the events of one \`subject\` (a conversation or an account) 1, 2, 3 … without a gap. An event may come
twice; on the bus also behind a later one: sort by \`sequence\`, drop what is known by \`id\`, and fetch a gap from the API with \`after\`.

**Additions** come without notice: new types, new optional fields, new values where a list of values is given. Ignore what you do not know.`;

const STAGE = { stage: { description: "Of the deployment, such as `prod`.", examples: ["prod"] } };
const REGION = { region: { description: "Where Recado is deployed.", default: "eu-west-1" } };

/** One channel each; every type of event goes through all of them. */
const CHANNELS: Record<string, JsonObject & { title: string }> = {
  webhook: {
    address: null,
    title: "Webhook",
    description:
      "POST requests to an endpoint of yours, signed as Standard Webhooks has it: the HMAC-SHA256 over `<webhook-id>.<webhook-timestamp>.<body>`, in base64, keyed with what follows `whsec_`, decoded. Any 2xx within 15 seconds takes the event; anything else, redirects too, is tried again after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h, or up to a fifth later, while later events of the same `subject` wait. `Retry-After` puts the next try off, by a day at most; with 429 or 503 it does so for all events of the subscription. 410 switches the subscription off.",
    servers: [{ $ref: "#/servers/endpoint" }],
    bindings: { http: { bindingVersion: "0.3.0" } },
  },
  eventBridge: {
    address: "recado-{stage}",
    title: "EventBridge bus",
    description:
      "The bus of the deployment. `source` is `recado`, `detail-type` the event's type, `detail` the envelope; schemas/ holds one JSON Schema of `detail` per type. An event that is too large for the bus is cut short (`data.truncated`); the API has the whole.",
    parameters: STAGE,
    servers: [{ $ref: "#/servers/eventBridge" }],
  },
  topic: {
    address: "recado-{stage}.fifo",
    title: "SNS FIFO topic",
    description:
      "The topic of the deployment, where `streams.topic` is configured. The message is the envelope, the message group its `subject`: the events of one `subject` come strictly in order into a FIFO queue. `type`, `channel` and `account` are message attributes, for filter policies. An event that is too large for the topic is cut short as on the bus.",
    parameters: STAGE,
    servers: [{ $ref: "#/servers/sns" }],
    bindings: {
      sns: {
        name: "recado-{stage}.fifo",
        ordering: { type: "FIFO", contentBasedDeduplication: false },
        bindingVersion: "0.1.0",
      },
    },
  },
};

/** An endpoint is the developer's own; the others are AWS's, in the account that Recado is deployed in. */
const SERVERS = {
  endpoint: { host: "{host}", protocol: "https", variables: { host: { description: "Of a subscription's `url`." } } },
  eventBridge: { host: "events.{region}.amazonaws.com", protocol: "https", variables: REGION },
  sns: { host: "sns.{region}.amazonaws.com", protocol: "sns", variables: REGION },
} satisfies JsonObject;

export function asyncApi() {
  const types = EventType.options;
  return {
    asyncapi: "3.0.0",
    info: { title: "Recado", version: CONTRACT_VERSION, description: DESCRIPTION },
    defaultContentType: "application/cloudevents+json",
    servers: SERVERS,
    channels: Object.fromEntries(
      Object.entries(CHANNELS).map(([name, channel]) => [name, { ...channel, messages: messagesOf(name) }]),
    ),
    operations: Object.fromEntries(
      Object.entries(CHANNELS).map(([name, { title }]) => [
        `send${name.charAt(0).toUpperCase()}${name.slice(1)}`,
        { action: "send", channel: { $ref: `#/channels/${name}` }, summary: `An event goes out: ${title}` },
      ]),
    ),
    components: {
      messages: Object.fromEntries([
        ...types.map((type) => [eventName(type), message(type)]),
        ...types.map((type) => [`${eventName(type)}Webhook`, webhookMessage(type)]),
      ]),
      schemas: {
        ...payloads(),
        WebhookHeaders: WEBHOOK_HEADERS,
      },
    },
  } satisfies JsonObject;
}

const WEBHOOK_HEADERS = {
  type: "object",
  properties: {
    "webhook-id": { type: "string", description: "The event's id; the same whenever it is sent again." },
    "webhook-timestamp": {
      type: "string",
      description: "Unix seconds of this try. Refuse what is older than five minutes.",
    },
    "webhook-signature": {
      type: "string",
      description: "`v1,<signature>`, several with blanks between while a secret is changed, that of the newest first.",
    },
    "content-type": {
      type: "string",
      const: "application/cloudevents+json",
    },
    "user-agent": { type: "string", const: "Recado" },
    "recado-replay": { type: "string", description: "Id of the replay, where the event is delivered again for one." },
    "recado-test": {
      type: "string",
      const: "true",
      description: "Only with the example that a subscription is tried with.",
    },
  },
  required: ["webhook-id", "webhook-timestamp", "webhook-signature", "content-type", "user-agent"],
};

function messagesOf(channel: string): JsonObject {
  return Object.fromEntries(
    EventType.options.map((type) => {
      const name = `${eventName(type)}${channel === "webhook" ? "Webhook" : ""}`;
      return [eventName(type), { $ref: `#/components/messages/${name}` }];
    }),
  );
}

function message(type: EventType): JsonObject {
  return {
    name: type,
    title: type,
    summary: eventWords[type],
    contentType: "application/cloudevents+json",
    payload: { $ref: `#/components/schemas/${eventName(type)}` },
    examples: Object.entries(eventExamples[type]).map(([name, payload]) => ({ name, payload })),
  };
}

/** The same with the headers of a webhook. */
function webhookMessage(type: EventType): JsonObject {
  return { ...message(type), headers: { $ref: "#/components/schemas/WebhookHeaders" } };
}

function payloads(): Record<string, JsonObject> {
  const named = EventType.options.map((type) => ({
    name: eventName(type),
    shape: eventShapes[type],
    source: "Envelope",
  }));
  const refer = (name: string) => `#/components/schemas/${name}`;
  const all = schemasOf([...PARTS_GIVEN, ...named], { io: "output", dialect: "draft-07", refer });
  for (const type of EventType.options)
    all[eventName(type)] = { ...all[eventName(type)], description: eventWords[type] };
  return all;
}

/** By type, the JSON Schema of what stands on the bus: in draft 4, which is what EventBridge's registry takes. */
export function busSchemas(): Record<EventType, JsonObject> {
  const refer = (name: string) => `#/definitions/${name}`;
  const written = Object.fromEntries(
    EventType.options.map((type): [string, JsonObject] => {
      const own = { name: eventName(type), shape: busShapes[type], source: "Envelope" };
      const all = schemasOf([...PARTS_GIVEN, own], { io: "output", dialect: "draft-04", refer });
      const { [own.name]: schema, ...parts } = all;
      const used = reached(JSON.stringify(schema), parts);
      const head = { $schema: "http://json-schema.org/draft-04/schema#", title: type, description: eventWords[type] };
      return [type, { ...schema, ...head, ...(Object.keys(used).length > 0 && { definitions: used }) }];
    }),
  );
  return written as Record<EventType, JsonObject>;
}

/** The parts that a schema refers to, and those that these refer to. */
function reached(text: string, parts: Readonly<Record<string, JsonObject>>): Record<string, JsonObject> {
  const names = new Set<string>();
  const visit = (written: string): void => {
    for (const [, name = ""] of written.matchAll(/"#\/definitions\/(\w+)"/g)) {
      if (names.has(name)) continue;
      names.add(name);
      visit(JSON.stringify(parts[name] ?? {}));
    }
  };
  visit(text);
  return Object.fromEntries(Object.entries(parts).filter(([name]) => names.has(name)));
}
