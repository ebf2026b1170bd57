/** Who may ask: a channel by a token that its app signed, the company by its own. */
import { createHmac, timingSafeEqual } from "node:crypto";
import * as z from "zod";
import { type Incoming, parseJson } from "../http.ts";

export interface Access {
  appId: string;
  appSecret: string;
  apiToken: string;
  channels: readonly string[];
}

/** The channel, or the company. */
export type Asker = { channel: string } | "company";

const Header = z.object({ alg: z.literal("HS256"), typ: z.literal("JWT").optional() });
const Claims = z.object({ iss: z.string(), sub: z.string(), jti: z.string().min(1), exp: z.number() });

/** Undefined where the token is nobody's, or of yesterday. */
export function askerOf({ headers }: Incoming, access: Access): Asker | undefined {
  const [, token] = /^Bearer (\S+)$/.exec(headers.authorization ?? "") ?? [];
  if (token === undefined) return undefined;
  if (token === access.apiToken) return "company";
  const [header = "", claims = "", signature = ""] = token.split(".");
  const wanted = createHmac("sha256", access.appSecret).update(`${header}.${claims}`).digest();
  const given = Buffer.from(signature, "base64url");
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined;
  const read = Claims.safeParse(decoded(claims));
  if (!Header.safeParse(decoded(header)).success || !read.success) return undefined;
  const { iss, sub, exp } = read.data;
  const isGood = iss === access.appId && exp * 1000 > Date.now() && access.channels.includes(sub);
  return isGood ? { channel: sub } : undefined;
}

function decoded(part: string): unknown {
  return parseJson(Buffer.from(part, "base64url").toString("utf8"));
}
