import type {
  Attempts,
  Clock,
  Deliveries,
  DeliveryBells,
  EndpointHealth,
  Jobs,
  LogReader,
  Mailbox,
  MissedEvents,
  PostWebhook,
  Random,
  Slots,
  Subscriptions,
} from "../../shared/ports.ts";
import type { KnownSubscriptions } from "./known-subscriptions.ts";

export interface Ports {
  table: LogReader;
  subscriptions: Subscriptions & EndpointHealth & Jobs & Deliveries & MissedEvents & Slots & Attempts;
  /** The same subscriptions as of a moment ago. */
  known: KnownSubscriptions;
  bells: DeliveryBells;
  mailbox: Mailbox;
  post: PostWebhook;
  clock: Clock;
  random: Random;
  idSecret(): Promise<string>;
  /** The deployment's. */
  epoch: number;
}
