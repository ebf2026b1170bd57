/**
 * Kept-alive connections, with two rules of their own: a request is given a socket only when its connection stands, TLS
 * handshake and certificate check included, so that whatever fails before that has certainly carried nothing of the
 * request; and a socket that lay idle is not used again.
 */
import * as http from "node:http";
import * as https from "node:https";
import type { Socket } from "node:net";

/**
 * Servers close idle connections after a few seconds, and a function that was frozen hears of it only when its next
 * request fails half-way, which would leave that send uncertain.
 */
const LONGEST_IDLE_MS = 2_000;

export interface Connections {
  agentFor(protocol: string): http.Agent;
  /** To be told when an answer is complete: from then on the socket is idle. */
  answered(socket: Socket): void;
  /** Closes what lay idle for too long. */
  closeIdle(): void;
}

export function keepConnections(): Connections {
  const agents = {
    "http:": handingOverConnected(new http.Agent({ keepAlive: true }), "connect"),
    "https:": handingOverConnected(new https.Agent({ keepAlive: true }), "secureConnect"),
  };
  const idleSince = new WeakMap<Socket, number>();
  return {
    agentFor: (protocol) => agents[protocol === "http:" ? "http:" : "https:"],
    answered: (socket) => idleSince.set(socket, Date.now()),
    closeIdle() {
      const idle = Object.values(agents).flatMap(({ freeSockets }) =>
        Object.values(freeSockets).flatMap((sockets) => sockets ?? []),
      );
      for (const socket of idle) {
        // A clock that was set back says nothing about how long it was.
        const idleMs = Date.now() - (idleSince.get(socket) ?? 0);
        if (idleMs < 0 || idleMs > LONGEST_IDLE_MS) socket.destroy();
      }
    },
  };
}

/** `event`: what the socket says when the connection stands. A connection attempt ends with the request's `timeout`. */
function handingOverConnected<Agent extends http.Agent>(agent: Agent, event: "connect" | "secureConnect"): Agent {
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, handOver) => {
    const socket = connect(options) as Socket;
    const fail = (error: Error) => handOver?.(error, socket);
    const giveUp = () => socket.destroy(Object.assign(new Error("no connection in time"), { code: "ETIMEDOUT" }));
    socket.once("error", fail);
    socket.once("timeout", giveUp);
    socket.once(event, () => {
      socket.off("error", fail);
      socket.off("timeout", giveUp);
      handOver?.(null, socket);
    });
    return undefined;
  };
  return agent;
}
