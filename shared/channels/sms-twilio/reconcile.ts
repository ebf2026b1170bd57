/**
 * Twilio's own list of messages (https://www.twilio.com/docs/messaging/api/message-resource#read-multiple-message-resources),
 * read as if each had come as a webhook. Twilio as a rule tries a webhook once: this is the only way to what was missed.
 */
import { isRecord } from "../../domain/raw-element.ts";
import { everyKey } from "../../domain/rotating-secret.ts";
import { ask, denial, type Provider } from "../../http/ask.ts";
import type { Http } from "../../ports.ts";
import type { Account, OpenMessage, Parsed, Reconciler } from "../connector.ts";
import { errors } from "./errors.ts";
import { accountOf, ofMessage, ofStatus, type Raw } from "./parse.ts";
import { Form } from "./payload.ts";
import { errorIn } from "./send.ts";
import type { Secrets, Settings } from "./settings.ts";

const ORIGIN = "https://api.twilio.com";
/** Texts of 1,600 characters on each keep the page below the largest answer that is read. */
const PAGE_SIZE = 100;
const MOST_PAGES = 50;
/** Files are asked for one message at a time, and so is what the lists do not reach back to. */
const MOST_WITH_FILES = 300;
const MOST_FETCHED = 100;

type Row = Record<string, unknown>;
type OurAccount = Account<Settings, Secrets>;

export const reconciler: Reconciler<Settings, Secrets> = {
  asksAboutOpen: true,
  async missed({ account, others, since, until, open }, http) {
    const provider = providerOf(account, http);
    if (!provider) return denied(account, "no API key is set", until);
    const question = { provider, account, accounts: [account, ...others], open, filesLeft: MOST_WITH_FILES };
    const parsed: Parsed[] = [];
    const seen = new Set<string>();
    let isComplete = true;
    for (const query of queriesOf(account.settings)) {
      const list = await rowsOf(provider, listUrl(account.settings, { ...query, since, until }));
      if (list.denied !== undefined) return denied(account, list.denied, until);
      // The newest stands first, and times are whole seconds.
      for (const row of list.rows.toReversed()) {
        seen.add(String(row.sid));
        const told = await happened(row, question);
        if (told) parsed.push(...told);
        else isComplete = false;
      }
      isComplete &&= list.isWhole;
    }
    for (const { providerMessageId } of open.filter((one) => !seen.has(one.providerMessageId)).slice(0, MOST_FETCHED)) {
      const answer = await ask(
        provider,
        `${listUrl(account.settings).slice(0, -".json".length)}/${encodeURIComponent(providerMessageId)}.json`,
      );
      if (answer.kind === "told") parsed.push(...((await happened(answer.body, question)) ?? []));
      if (answer.kind === "unavailable" || answer.kind === "denied") return { parsed, isComplete: false };
    }
    return { parsed, isComplete };
  },
};

function providerOf({ secrets }: OurAccount, http: Http): Provider | undefined {
  const [key] = everyKey(secrets.apiKey);
  const [secret] = everyKey(secrets.apiSecret);
  if (!key || !secret) return undefined;
  const authorization = `Basic ${Buffer.from(`${key}:${secret}`).toString("base64")}`;
  return { http, headers: { authorization, accept: "application/json" }, errorIn, errors };
}

function denied({ name }: OurAccount, detail: string, at: number) {
  return { parsed: [denial(name, "Twilio", detail, at)], isComplete: false };
}

/** The list knows no Messaging Service: an account that is one reads all that its Twilio account has. */
function queriesOf({ from, messagingServiceSid }: Settings): { To?: string; From?: string }[] {
  if (from === undefined || messagingServiceSid !== undefined) return [{}];
  // Nobody can write to a name.
  return /[A-Za-z]/.test(from) ? [{ From: from }] : [{ To: from }, { From: from }];
}

function listUrl(
  { accountSid }: Settings,
  query?: { To?: string; From?: string; since: number; until: number },
): string {
  const url = `${ORIGIN}/2010-04-01/Accounts/${accountSid}/Messages.json`;
  if (!query) return url;
  const { since, until, ...parties } = query;
  const times = { "DateSent>": isoSeconds(since), "DateSent<": isoSeconds(until + 999) };
  return `${url}?${new URLSearchParams({ ...parties, ...times, PageSize: String(PAGE_SIZE) })}`;
}

function isoSeconds(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

/** All pages, as long as each names the next one at Twilio itself. */
async function rowsOf(provider: Provider, first: string): Promise<{ rows: Row[]; isWhole: boolean; denied?: string }> {
  const rows: Row[] = [];
  let next: string | undefined = first;
  for (let page = 0; next !== undefined && page < MOST_PAGES; page++) {
    const answer = await ask(provider, next);
    if (answer.kind === "denied") return { rows, isWhole: false, denied: answer.detail };
    if (answer.kind !== "told") return { rows, isWhole: false };
    const { messages, next_page_uri: uri } = answer.body;
    rows.push(...(Array.isArray(messages) ? messages.filter(isRecord) : []));
    const following: URL | null = typeof uri === "string" && uri !== "" ? URL.parse(uri, ORIGIN) : null;
    next = following?.origin === ORIGIN ? following.href : undefined;
  }
  return { rows, isWhole: next === undefined };
}

interface Question {
  provider: Provider;
  account: OurAccount;
  /** Whose rows the list may hold: those of a Messaging Service are not asked for apart. */
  accounts: readonly Pick<OurAccount, "name" | "settings">[];
  open: readonly OpenMessage[];
  filesLeft: number;
}

/** What the webhook of this row says; undefined when Twilio did not name its files. */
async function happened(row: Row, question: Question): Promise<Parsed[] | undefined> {
  const { account, accounts, open } = question;
  const { sid: id, direction } = row;
  if (typeof id !== "string") return [];
  const raw = fieldsOf(row);
  if (direction === "inbound") {
    const form = Form.parse(raw);
    const owner = accountOf(form, form.To, accounts);
    if (owner !== account.name || row.status === "receiving") return [];
    const files = Number(row.num_media) > 0 ? await filesOf(id, question) : {};
    if (!files) return undefined;
    const withFiles = { ...raw, ...files };
    return ofMessage(id, Form.parse(withFiles), withFiles, owner).map((one) =>
      timed(one, row.date_created, row.date_sent),
    );
  }
  // `outbound-reply` is what Twilio writes by itself.
  if (direction !== "outbound-api") return [];
  const form = Form.parse({ ...raw, MessageStatus: row.status });
  const owner = accountOf(form, form.From, accounts);
  const correlation = open.find(({ providerMessageId }) => providerMessageId === id)?.correlation;
  const told = owner !== account.name ? [] : ofStatus(id, form, raw, correlation, owner);
  // A status between the others, which no webhook brings.
  return told
    .filter(({ happening }) => happening.type !== "account.alert")
    .map((one) => timed(one, row.date_updated, row.date_sent));
}

/** A row of the list in the names of the webhook. */
function fieldsOf(row: Row): Raw {
  const given: [string, unknown][] = [
    ["AccountSid", row.account_sid],
    ["MessageSid", row.sid],
    ["MessagingServiceSid", row.messaging_service_sid],
    ["From", row.from],
    ["To", row.to],
    ["Body", row.body],
    ["NumMedia", row.num_media],
    ["ErrorCode", row.error_code],
    ["ErrorMessage", row.error_message],
  ];
  return Object.fromEntries(
    given.flatMap(([name, value]) =>
      typeof value === "string" || typeof value === "number" ? [[name, String(value)]] : [],
    ),
  );
}

async function filesOf(id: string, question: Question): Promise<Raw | undefined> {
  const { provider, account } = question;
  if (question.filesLeft-- <= 0) return undefined;
  const answer = await ask(
    provider,
    `${ORIGIN}/2010-04-01/Accounts/${account.settings.accountSid}/Messages/${encodeURIComponent(id)}/Media.json`,
  );
  if (answer.kind !== "told") return answer.kind === "unknown" ? {} : undefined;
  const { media_list: list } = answer.body;
  const files = Array.isArray(list) ? list.filter(isRecord) : [];
  return Object.fromEntries(
    files.flatMap(({ uri, content_type: type }, index): [string, string][] => {
      if (typeof uri !== "string") return [];
      const url: [string, string] = [`MediaUrl${index}`, `${ORIGIN}${uri.replace(/\.json$/, "")}`];
      return typeof type === "string" ? [url, [`MediaContentType${index}`, type]] : [url];
    }),
  );
}

/** Twilio's times are RFC 2822. */
function timed(parsed: Parsed, ...times: readonly unknown[]): Parsed {
  const [time] = times.map((one) => Date.parse(String(one))).filter((one) => !Number.isNaN(one));
  return time === undefined ? parsed : { ...parsed, time };
}
