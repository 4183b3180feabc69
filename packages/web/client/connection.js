/** The session behind the page: requests with answers, and what it tells by itself. Comes back by itself when the connection is lost. */
export class Connection {
  #socket;
  #next = 1;
  #waiting = new Map();
  #listeners;
  #delay = 200;

  /** @param listeners { event(message), open(), closed() } */
  constructor(listeners) {
    this.#listeners = listeners;
    this.#open();
  }

  #open() {
    const socket = new WebSocket(new URL('session', location.href.split('#')[0]).href.replace(/^http/, 'ws'));
    this.#socket = socket;
    socket.onopen = () => {
      this.#delay = 200;
      this.#listeners.open();
    };
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.event !== undefined) return this.#listeners.event(message);
      const waiting = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      if (message.error === undefined) waiting?.resolve(message);
      else waiting?.reject(new Error(message.error));
    };
    socket.onclose = () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the connection was lost'));
      this.#waiting.clear();
      this.#listeners.closed();
      setTimeout(() => this.#open(), this.#delay);
      this.#delay = Math.min(5000, this.#delay * 2);
    };
  }

  /** Asks for something; the answer, or an Error with what the session says. */
  ask(what, fields = {}) {
    return new Promise((resolve, reject) => {
      if (this.#socket.readyState !== WebSocket.OPEN) return reject(new Error('not connected'));
      const id = this.#next++;
      this.#waiting.set(id, { resolve, reject });
      this.#socket.send(JSON.stringify({ id, do: what, ...fields }));
    });
  }
}
