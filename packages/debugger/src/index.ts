// The layer of debugger sessions and protocols. It will know targets only through a port of
// `@fireball/contracts`; the package stands here so that the layer rule covers it from the start.
export {};
