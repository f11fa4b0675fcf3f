import type { Socket } from 'node:net';

/** The connections of a server, and which of them are idle: asked for nothing yet, or answered. */
export interface Connections {
  /** Takes one in; if there are too many, the longest idle one goes, and if none is, the new one. Tells whether it stays. */
  add(socket: Socket): boolean;
  /** A request came on it. To be followed by one `answered`. */
  asked(socket: Socket): void;
  /** Tells whether it is idle now. */
  answered(socket: Socket): boolean;
  destroyIdle(): void;
  destroyAll(): void;
}

/** @param full told of each connection that had to go */
export function connections(most: number, full: () => void): Connections {
  const underWay = new Map<Socket, number>();
  // In the order in which they became so.
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
    asked(socket) {
      idle.delete(socket);
      underWay.set(socket, (underWay.get(socket) ?? 0) + 1);
    },
    answered(socket) {
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
