/**
 * What customers say about hearing from us. A message that is nothing but one of the agreed words takes effect at once
 * (the FCC's words, 47 CFR 64.1200(a)(10), and what is usual in Portuguese, Spanish and French); words of a customer's
 * own count as much before the law, but only a person can tell what they mean, so they are flagged.
 */
import type { Channel, Message } from "./event.ts";
import { plain } from "./plain-text.ts";

export type Wish = NonNullable<Message["consentWish"]>;
type Wants = Wish["wants"];

/** The configuration's own words, beside those below. */
export interface WishWords {
  stopWords: readonly string[];
  startWords: readonly string[];
  helpWords: readonly string[];
}

/** What a contact wants on one channel about one topic; `at` in ms since 1970. */
export interface Consent {
  channel: Channel;
  topic: string;
  state: "opted_out" | "opted_in";
  source: "keyword" | "provider" | "agent" | "merged";
  at: number;
}

const KEYWORDS: Readonly<Record<Wants, readonly string[]>> = {
  stop: [
    ...["stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "optout", "opt-out", "opt out"],
    ...["revoke", "remove"],
    ...["sair", "parar", "cancelar", "remover", "descadastrar"],
    ...["baja", "alto", "darme de baja"],
    ...["arret", "arrete", "arrett", "desabonner", "desinscrire"],
  ],
  start: ["start", "unstop", "reativar", "reactivar", "alta", "reprendre"],
  help: ["help", "info", "ajuda", "ayuda", "aide"],
};

/** No agreed word is longer, whatever stands around it. */
const LONGEST_KEYWORD = 200;
/** A wish stands near the beginning, or it is not what the message is about. */
const LONGEST_PHRASE = 1_000;

/** The wish in a customer's text, if there is one. `words`: those of the configuration and of the provider. */
export function wishIn(text: string, words: WishWords): Wish | undefined {
  const said = text.length > LONGEST_KEYWORD ? "" : bareWords(text);
  const own: Record<Wants, readonly string[]> = {
    stop: words.stopWords,
    start: words.startWords,
    help: words.helpWords,
  };
  for (const wants of ["stop", "start", "help"] as const) {
    const isSaid = [...KEYWORDS[wants], ...own[wants]].some((word) => bareWords(word) === said);
    if (said !== "" && isSaid) return { wants, said: "keyword" };
  }
  const sentence = plain(text.slice(0, LONGEST_PHRASE)).replace(/['’‘`´]/g, "");
  return STOP_PHRASES.some((phrase) => phrase.test(sentence)) ? { wants: "stop", said: "phrase" } : undefined;
}

/** Whether the text is one of `words` and nothing else. */
export function isOneOf(words: readonly string[], text: string): boolean {
  const said = text.length > LONGEST_KEYWORD ? "" : bareWords(text);
  return said !== "" && words.some((word) => bareWords(word) === said);
}

/**
 * What a stop word ends: on SMS everything, as the law and the providers have it; on the other channels what we begin
 * ourselves, because there a customer who writes again wants an answer.
 */
export function stopTopic(channel: Channel): string {
  return channel === "sms" ? "all" : PROACTIVE;
}

/** Everything that the business begins, whatever it is about. */
export const PROACTIVE = "proactive";

/** The topics that a message on this channel may not be about: by the conversation's log, and by what else the contact said. */
export function optedOutOf(
  { optedOut = [] }: { optedOut?: readonly string[] },
  channel: Channel,
  consents: readonly Consent[] = [],
): string[] {
  const elsewhere = consents.filter((one) => one.channel === channel && one.state === "opted_out");
  return [...new Set([...optedOut, ...elsewhere.map(({ topic }) => topic)])].sort();
}

/** Without what stands around the words: punctuation, quotes, emoji. */
function bareWords(text: string): string {
  return plain(text).replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, "");
}

/** What customers do not want, in the same sentence. */
const EN = "(messages?|msgs?|texts?|sms|e?mails|ads|adverts|spam|offers|promotions|promos|notifications|marketing)";
const PT = "(mensage(m|ns)|msgs?|sms|nada|propagandas?|publicidade|promoc(ao|oes)|ofertas?|novidades|contatos?)";
const ES = "(mensajes?|msjs?|sms|nada|publicidad|propaganda|promocion(es)?|ofertas?|notificacion(es)?)";

/** Over text in lower case without accents and apostrophes. */
const STOP_PHRASES: readonly RegExp[] = [
  // English
  /\b(stop|quit|cease) (texting|messaging|contacting|spamming|bothering|writing|emailing)\b/,
  new RegExp(`\\b(stop|quit|cease) sending\\b[^.!?]{0,40}\\b${EN}\\b`),
  /\b(do not|dont|never) (text|message|contact|spam|sms|write to|write) (me|us)\b/,
  new RegExp(`\\b(do not|dont|no longer) (want|wish)\\b[^.!?]{0,40}\\b(${EN}|from (you|u)|contacted)\\b`),
  /\b(unsubscribe|remove|take|opt) (me|us|my number|this number)\b[^.!?]{0,20}\b(from|off|out)\b/,
  /\bunsubscribe me\b|\bopt(ing)? (me )?out\b|\bleave me alone\b|\b(lose|delete|remove) my number\b/,
  new RegExp(`\\bno (more|further) ${EN}\\b`),
  /\b(revoke|withdraw) (my )?consent\b/,
  // Portuguese
  new RegExp(`\\bnao (quero|queremos|desejo|gostaria de)\\b[^.!?]{0,30}\\b${PT}\\b`),
  /\b(pare|parem|para|parar|deixe|deixem) de (me )?(mand|envi|escrev|incomod|contat|contact|perturb|chate)\w*/,
  new RegExp(
    `\\bnao (me )?(mand|envi|escrev|contat|contact|incomod|perturb|chate)\\w*(-me)? (mais|nunca mais|${PT})\\b`,
  ),
  /\b(me )?(tir|retir|remov|exclu|apag)\w*(-me| meu numero| o meu numero)? d(a|e|o|essa|esta|as|os|e sua|a sua) (\w+ )?(lista|cadastro|base|contatos)\b/,
  /\b(me descadastr\w*|descadastr\w*[- ]me|cancel\w* (a )?(minha )?(inscricao|subscricao))\b/,
  new RegExp(`\\bchega de ${PT}\\b`),
  // Spanish
  new RegExp(`\\bno (quiero|queremos|deseo|deseamos)\\b[^.!?]{0,30}\\b(${ES}|me (escrib|contact|envi|mand)\\w*)\\b`),
  /\b(dej|par|ces)\w* de (mand|envi|escrib|molest|contact)\w*/,
  new RegExp(`\\bno me (escrib|mand|envi|contact|molest)\\w* (mas|nunca mas|${ES})\\b`),
  /\b(darme|denme|deme|dame|me (doy|den|de)|quiero (la|mi|darme de)) (de )?baja\b/,
  /\b(borr|elimin|quit|sac|retir)\w*me de (la|su|sus|tu|esta|vuestra) (lista|base)\b/,
  // French
  /\bne (m|nous |me )?(envoy|ecri|contact|texto|derang|sollicit)\w*( pas)? (plus|jamais)\b/,
  /\b(arret|cess)\w* (de |d)(m|me |nous )?(envoy|ecri|contact|texto|derang|harcel|sollicit)\w*/,
  /\bne (veux|souhaite|desire|voulons|souhaitons) plus (rien )?(recevoir|de messages?|de sms|etre contact)/,
  /\b(desinscri|desabonn|retir|enlev|supprim)\w*[- ]moi\b|\bme (desabonner|desinscrire)\b/,
  /^plus de (messages?|sms|textos?|pub)\b/,
];
