/**
 * Agents that connect to the public internet alone, judged by the address that a name really has when the connection is
 * made. Of IPv6 only what is handed out to the public counts, 2000::/3: the package refuses the ranges that it knows,
 * and beyond them an address may be that of a machine inside in other digits, as `::10.0.0.1` is.
 */
import * as dns from "node:dns";
import type * as http from "node:http";
import type * as https from "node:https";
import { BlockList, isIPv6, type LookupFunction, Socket } from "node:net";
import { RequestFilteringHttpAgent, RequestFilteringHttpsAgent } from "request-filtering-agent";

const GLOBAL_UNICAST = new BlockList();
GLOBAL_UNICAST.addSubnet("2000::", 3, "ipv6");

class ForbiddenAddress extends Error {}

/** @param alsoAllowed addresses that may be reached although they are not public */
export function createPublicAgents(alsoAllowed: readonly string[] = []): { http: http.Agent; https: https.Agent } {
  const options = { keepAlive: false, allowIPAddressList: [...alsoAllowed] };
  return {
    http: narrowed(new RequestFilteringHttpAgent(options), alsoAllowed),
    https: narrowed(new RequestFilteringHttpsAgent(options), alsoAllowed),
  };
}

/** Whether it was an agent of these that refused to connect. */
export function isForbiddenAddress(error: Error): boolean {
  return error instanceof ForbiddenAddress || /^DNS lookup .* is not allowed\./.test(error.message);
}

type Guard = RequestFilteringHttpAgent | RequestFilteringHttpsAgent;

function narrowed<Agent extends Guard>(agent: Agent, alsoAllowed: readonly string[]): Agent {
  const isForbidden = (address: string) =>
    isIPv6(address) && !alsoAllowed.includes(address) && !GLOBAL_UNICAST.check(address, "ipv6");
  const lookup = lookUpUnless(isForbidden);
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, done) => {
    // An address instead of a name is not looked up.
    if (options.host !== undefined && isForbidden(options.host)) return refused(done);
    return connect({ ...options, lookup }, done);
  };
  return agent;
}

/** A name of which one address is forbidden is refused as a whole: which of them is taken is not known yet. */
function lookUpUnless(isForbidden: (address: string) => boolean): LookupFunction {
  return (name, options, found) =>
    dns.lookup(name, options, (error, address, family) => {
      const addresses = typeof address === "string" ? [address] : (address ?? []).map((one) => one.address);
      found(!error && addresses.some(isForbidden) ? new ForbiddenAddress() : error, address, family);
    });
}

function refused(done: Parameters<Guard["createConnection"]>[1]): Socket {
  const socket = new Socket();
  const error = new ForbiddenAddress();
  if (done) done(error, socket);
  else socket.destroy(error);
  return socket;
}
