import type { Socket } from 'node:net';

/** The connections of a server; a connection is idle when it has no request in progress. */
export interface Connections {
  /** Adds a connection. Beyond the limit, closes the longest idle one, or this one if none is idle; false if it did. */
  add(socket: Socket): boolean;
  /** A request has begun; call `requestEnded` once for each. */
  requestBegan(socket: Socket): void;
  /** Returns whether the connection is idle now. */
  requestEnded(socket: Socket): boolean;
  destroyIdle(): void;
  destroyAll(): void;
}

/** @param full called for each connection closed because of the limit */
export function connections(most: number, full: () => void): Connections {
  const underWay = new Map<Socket, number>();
  // Longest idle first.
  const idle = new Set<Socket>();

  return {
    add(socket) {
      if (underWay.size >= most) {
        full();
        const [longest] = idle;
        (longest ?? socket).destroy();
        if (longest === undefined) return false;
        idle.delete(longest);
      }
      underWay.set(socket, 0);
      idle.add(socket);
      socket.once('close', () => {
        underWay.delete(socket);
        idle.delete(socket);
      });
      return true;
    },
    requestBegan(socket) {
      idle.delete(socket);
      underWay.set(socket, (underWay.get(socket) ?? 0) + 1);
    },
    requestEnded(socket) {
      const left = underWay.get(socket);
      if (left === undefined) return false;
      underWay.set(socket, left - 1);
      if (left === 1) idle.add(socket);
      return left === 1;
    },
    destroyIdle() {
      for (const socket of idle) socket.destroy();
    },
    destroyAll() {
      for (const socket of underWay.keys()) socket.destroy();
    },
  };
}
