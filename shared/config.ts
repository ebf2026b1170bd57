/**
 * `recado.config.ts`: which accounts there are and how they behave. Secrets never stand there; each account's are one
 * SSM document at `/recado/<stage>/<account>`.
 */
import * as z from "zod";
import { type ConnectorName, connectors } from "./channels/registry.ts";
import { TemplateToSend } from "./domain/content-to-send.ts";
import { type HelpdeskName, helpdesks } from "./helpdesks/registry.ts";

/** `deployment` is the document with the secret behind ids and keys. */
const AccountName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,30}$/, "lower-case letters, digits and hyphens, at most 31, beginning with a letter")
  .refine((name) => name !== "deployment", "`deployment` is taken by Recado itself");

/** It stands in the names of queues and functions, for which AWS has limits. */
const DeskName = AccountName.refine((name) => name.length <= 20, "at most 20 characters, for a helpdesk");

const ConnectorWord = z.enum(Object.keys(connectors) as [ConnectorName, ...ConnectorName[]]);

/** What every account may have beside the settings of its connector. */
const AccountPolicies = z.object({
  /** SMS: the account that sends in place of this one when its provider cannot; tried in this order. */
  failover: z.array(AccountName).max(3).optional(),
  /** Sent in place of a message for which the window is closed; `{text}` in a parameter stands for what it said. */
  fallbackTemplate: TemplateToSend.optional(),
  /** Approved templates that agents may send by `/template <name>`, and are told of when the window is closed. */
  templates: z
    .array(z.strictObject({ name: z.string().min(1).max(512), language: z.string().min(2).max(20) }))
    .max(50)
    .optional(),
});

const Account = z
  .looseObject({ connector: ConnectorWord, ...AccountPolicies.shape })
  .transform(({ connector, failover, fallbackTemplate, templates, ...settings }, context) => {
    const checked = connectors[connector].settings.safeParse(settings);
    const policies = {
      ...(failover && { failover }),
      ...(fallbackTemplate && { fallbackTemplate }),
      ...(templates && { templates }),
    };
    if (checked.success) return { connector, settings: checked.data as Record<string, unknown>, ...policies };
    for (const issue of checked.error.issues)
      context.addIssue({ code: "custom", path: issue.path, message: issue.message });
    return z.NEVER;
  });

const HelpdeskWord = z.enum(Object.keys(helpdesks) as [HelpdeskName, ...HelpdeskName[]]);

/** What every helpdesk may have beside its own settings. */
const DeskPolicies = z.object({
  /** Whose conversations it gets; those of all accounts unless some are named. */
  accounts: z.array(AccountName).min(1).optional(),
  /** Whether what bots write there goes out to customers, too. */
  botReplies: z.boolean().default(false),
  /** Whether customers read the agent's name in front of a reply. */
  agentNames: z.boolean().default(false),
  /** What a customer's new message does to a ticket that is solved. */
  onSolved: z
    .union([z.enum(["reopen", "new"]), z.strictObject({ newAfterHours: z.number().positive().max(8760) })])
    .default("reopen"),
  /** Whether a helpdesk that shows no status of its own gets a note when a reply was delivered and read, too. */
  receiptNotes: z.boolean().default(false),
});

const Desk = z
  .looseObject({ helpdesk: HelpdeskWord, ...DeskPolicies.shape })
  .transform(({ helpdesk, accounts, botReplies, agentNames, onSolved, receiptNotes, ...settings }, context) => {
    const checked = helpdesks[helpdesk].settings.safeParse(settings);
    const rules = { botReplies, agentNames, onSolved, receiptNotes, ...(accounts && { accounts }) };
    if (checked.success) return { helpdesk, settings: checked.data as Record<string, unknown>, ...rules };
    for (const issue of checked.error.issues)
      context.addIssue({ code: "custom", path: issue.path, message: issue.message });
    return z.NEVER;
  });

const TimeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "a time of day like 21:00");

const QuietHours = z.strictObject({
  from: TimeOfDay,
  /** The next morning, where it is the earlier of the two. */
  to: TimeOfDay,
  /** Of the customers, e.g. `America/Sao_Paulo`. */
  timeZone: z.string().refine(isTimeZone, "no time zone that is known, such as Europe/Lisbon"),
});

/** Words by which customers say that they want to hear no more, or again; beside those that Recado knows. */
const OptOut = z.strictObject({
  stopWords: z.array(z.string().min(1).max(40)).default([]),
  startWords: z.array(z.string().min(1).max(40)).default([]),
  helpWords: z.array(z.string().min(1).max(40)).default([]),
  /** The one answer to a stop word, where the provider sends none itself; none when empty. */
  confirmation: z.string().max(320).default("You will receive no more messages from us."),
});

const Policies = z.strictObject({
  /** How long later messages of a conversation wait behind an uncertain one. */
  holdSeconds: z.number().int().min(0).max(300).default(30),
  /** When a send that nobody confirmed is settled. */
  uncertainAfterSeconds: z.number().int().min(1).max(900).default(600),
  /** What becomes of it: told to the agent as failed, or sent again at the risk of a second copy. */
  uncertain: z.enum(["fail", "resend"]).default("fail"),
  /** How long a message may wait to be sent. */
  expiresAfterSeconds: z.number().int().min(60).max(604_800).default(86_400),
  /** The same number on WhatsApp and by SMS is the same person. */
  joinByNumber: z.boolean().default(true),
  optOut: OptOut.prefault({}),
  /** When nothing proactive is sent; replies always are. */
  quietHours: QuietHours.optional(),
  /** How many messages of batches are put on their way in a second; what agents answer goes beside them. */
  batchPerSecond: z.number().int().min(1).max(80).default(10),
  /** How often the providers are asked for what their webhooks did not tell; 0: never. */
  reconcileEveryMinutes: z.number().int().min(0).max(1440).default(60),
  /** A customer's file above this size stays at the provider. */
  largestMediaBytes: z.number().int().min(1_000_000).max(104_857_600).default(104_857_600),
});

/** Where events go, for programs inside AWS. */
const Streams = z.strictObject({
  /** The EventBridge bus `recado-<stage>`. */
  bus: z.boolean().default(true),
  /** The SNS FIFO topic `recado-<stage>.fifo`. */
  topic: z.boolean().default(false),
});

const Alarms = z.strictObject({
  /** Someone is told when no provider at all has called for so long; off unless set, since a quiet shop is no fault. */
  silenceAfterHours: z.number().int().min(1).max(24).optional(),
});

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

const Shape = z.strictObject({
  /** Raise by one after restoring the table from a backup. */
  epoch: z.number().int().positive().default(1),
  accounts: z.record(AccountName, Account),
  /** Where agents work. Each has its secrets in a document of its own name, like an account. */
  helpdesks: z.record(DeskName, Desk).default({}),
  policies: Policies.prefault({}),
  streams: Streams.prefault({}),
  alarms: Alarms.optional(),
});

/** Whoever is named must be there; who stands in for an account, on the same channel. */
export const Config = Shape.superRefine(({ accounts, helpdesks: desks, policies }, context) => {
  for (const [name, { accounts: served = [] }] of Object.entries(desks)) {
    const issue = (field: string[], message: string) =>
      context.addIssue({ code: "custom", path: ["helpdesks", name, ...field], message });
    if (accounts[name]) issue([], "has the name of an account; the two would share their secrets");
    const unknown = served.filter((account) => !accounts[account]);
    if (unknown.length > 0) issue(["accounts"], `there is no account ${unknown.join(", ")}`);
  }
  const channelOf = (name: string) => accounts[name] && connectors[accounts[name].connector].channel;
  for (const [name, { failover = [] }] of Object.entries(accounts)) {
    const isFit = failover.every((other) => other !== name && channelOf(other) === "sms");
    if (failover.length > 0 && !policies.joinByNumber) {
      const message = "needs policies.joinByNumber: else a STOP to the number that stands in is not known here";
      context.addIssue({ code: "custom", path: ["accounts", name, "failover"], message });
    }
    if (isFit && (failover.length === 0 || channelOf(name) === "sms")) continue;
    const message = "names SMS accounts other than itself, and only an SMS account has any";
    context.addIssue({ code: "custom", path: ["accounts", name, "failover"], message });
  }
});
export type Config = z.output<typeof Config>;

/** Gives the editor the shape; checked when anything starts. */
export function defineConfig(config: z.input<typeof Config>): z.input<typeof Config> {
  return config;
}

/** @throws Error with one line per fault, each naming the field. */
export function checkConfig(input: unknown): Config {
  const result = Config.safeParse(input);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `  ${path.join(".") || "(top level)"}: ${message}`);
  throw new Error(`recado.config.ts is not valid:\n${faults.join("\n")}`);
}
