import type { WebhookRequest } from "../../channels/connector.ts";
import type { DeskHappening } from "../../domain/desk-happening.ts";
import { jsonIn } from "../../domain/json.ts";
import type { Desk, DeskParse } from "../helpdesk.ts";
import { happeningsOf } from "./message.ts";
import { Event, OfConversation, Webhook } from "./payload.ts";
import type { Secrets, Settings } from "./settings.ts";

/** Where agents are, as the switchboard calls it. */
const AGENTS = "zd:agentWorkspace";

/** Every event of the batch; those of other conversations of the app are told too, and known by nobody. */
export function parse({ body }: WebhookRequest, { settings }: Desk<Settings, Secrets>): DeskParse {
  const json = jsonIn(body);
  if (json === undefined) return { ok: false, reason: "the body is not JSON" };
  const { success, data } = Webhook.safeParse(json);
  if (!success) return { ok: false, reason: "events: there is no list of them", field: "events" };
  const read = data.events.map((event) => happeningsIn(event, settings.switchboardIntegration));
  const happenings = read.flatMap((one) => one ?? []);
  // What could be read of a batch is not given up for what could not.
  if (happenings.length === 0 && read.includes(undefined))
    return { ok: false, reason: "an event names no conversation", field: `events.${read.indexOf(undefined)}.payload` };
  return { ok: true, happenings };
}

/** Undefined where an event that concerns us cannot be read. */
function happeningsIn(element: unknown, agents: string | undefined): DeskHappening[] | undefined {
  const { success, data: event } = Event.safeParse(element);
  if (!success) return [];
  const { id, type, createdAt } = event;
  const isMessage = type === "conversation:message";
  if (!isMessage && !/^switchboard:(passControl|acceptControl|releaseControl)$/.test(type)) return [];
  const { data } = OfConversation.safeParse(element);
  if (!data) return undefined;
  const { conversation, message, reason } = data.payload;
  const { id: ticket, activeSwitchboardIntegration: active } = conversation;
  if (isMessage) return happeningsOf(message, ticket, "webhook");
  const time = Date.parse(createdAt ?? "");
  const about = { id, ticket, ...(!Number.isNaN(time) && { at: time }) };
  if (reason === "ticketClosed") return [{ type: "state", state: "closed", ...about }];
  const isWithAgents = active?.integrationType === AGENTS || (agents !== undefined && active?.name === agents);
  return isWithAgents && type !== "switchboard:releaseControl" ? [{ type: "state", state: "open", ...about }] : [];
}
