/** The simulated helpdesks, each by its name in the configuration. */
import * as z from "zod";
import type { HelpdeskName } from "../../shared/helpdesks/registry.ts";
import { ChatwootPlace, startChatwootSimulator } from "./chatwoot/index.ts";
import { startDeskSimulator } from "./desk/index.ts";
import { FreshchatAccount, startFreshchatSimulator } from "./freshchat/index.ts";
import { FrontApp, startFrontSimulator } from "./front/index.ts";
import { GorgiasAccount, startGorgias } from "./gorgias/index.ts";
import type { Server } from "./http.ts";
import { HubspotApp, startHubspotSimulator } from "./hubspot/index.ts";
import { IntercomWorkspace, startIntercomSimulator } from "./intercom/index.ts";
import { LibredeskPlace, startLibredeskSimulator } from "./libredesk/index.ts";
import { startZendeskMessaging, ZendeskApp } from "./zendesk-messaging/index.ts";
import { startZendeskTickets, ZendeskAccount } from "./zendesk-tickets/index.ts";

/** A helpdesk of the configuration, as whoever plays it needs it. */
export interface PlayedDesk {
  /** Checked by the helpdesk itself. */
  settings: unknown;
  /** The value of one of its secrets. */
  secret(name: string): string;
  /** The public address of its webhooks, which signatures may cover. */
  webhookUrl: string;
  /** Where they are really posted. */
  deliverTo: string;
}

export const deskSimulators: Record<HelpdeskName, (played: PlayedDesk) => Promise<Server>> = {
  chatwoot: ({ settings, secret, ...played }) =>
    startChatwootSimulator({
      ...{ ...played, ...ChatwootPlace.parse(settings) },
      ...{ apiToken: secret("apiToken"), webhookSecret: secret("webhookSecret") },
    }),
  freshchat: ({ settings, secret, ...played }) =>
    startFreshchatSimulator({
      ...{ ...played, ...FreshchatAccount.parse(settings) },
      ...{ apiToken: secret("apiToken"), publicKey: secret("publicKey") },
    }),
  front: ({ settings, secret, ...played }) =>
    startFrontSimulator({
      ...{ ...played, ...FrontApp.parse(settings) },
      ...{ appSecret: secret("appSecret"), apiToken: secret("apiToken") },
    }),
  generic: ({ settings, secret, deliverTo }) =>
    startDeskSimulator({ url: Place.parse(settings).url, deliverTo, secret: secret("webhookSecret") }),
  gorgias: ({ settings, secret, deliverTo, webhookUrl }) =>
    startGorgias({
      ...{ ...GorgiasAccount.parse(settings), apiKey: secret("apiKey"), webhookUrl, deliverTo },
      headers: { "x-recado-secret": secret("webhookSecret") },
    }),
  hubspot: ({ settings, secret, webhookUrl, deliverTo }) =>
    startHubspotSimulator({
      ...{ ...HubspotApp.parse(settings), accessToken: secret("accessToken"), clientSecret: secret("clientSecret") },
      ...{
        webhookUrl: `${webhookUrl}?key=${secret("pathToken")}`,
        deliverTo: `${deliverTo}?key=${secret("pathToken")}`,
      },
    }),
  intercom: ({ settings, secret, ...played }) =>
    startIntercomSimulator({
      ...{ ...played, ...IntercomWorkspace.parse(settings), attributes: FIELDS },
      ...{ accessToken: secret("accessToken"), clientSecret: secret("clientSecret") },
    }),
  libredesk: ({ settings, secret, webhookUrl, deliverTo }) =>
    startLibredeskSimulator({
      ...{ ...LibredeskPlace.parse(settings), inboxSecret: secret("inboxSecret"), webhookUrl, deliverTo },
      ...{ apiKey: secret("apiKey"), apiSecret: secret("apiSecret"), webhookSecret: secret("webhookSecret") },
    }),
  "zendesk-messaging": ({ settings, secret, ...played }) =>
    startZendeskMessaging({
      ...{ ...played, ...ZendeskApp.parse(settings) },
      ...{ keyId: secret("keyId"), keySecret: secret("keySecret"), webhookSecret: secret("webhookSecret") },
    }),
  "zendesk-tickets": ({ settings, secret, ...played }) =>
    startZendeskTickets({
      ...{ ...played, ...ZendeskAccount.parse(settings) },
      ...{ apiToken: secret("apiToken"), signingSecret: secret("webhookSecret") },
    }),
};

const Place = z.object({ url: z.string() });
/** Which the owner of a workspace has to make. */
const FIELDS = ["conversation", "channel", "account", "reply_until", "ad", "order"].map((name) => `recado_${name}`);
