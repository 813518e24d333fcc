/** A typed event bus: one map from event name to payload, synchronous delivery, listeners that cannot break each other. */
export interface EventBus<Events extends object> {
  emit<Name extends keyof Events>(name: Name, payload: Events[Name]): void
  on<Name extends keyof Events>(name: Name, listener: (payload: Events[Name]) => void): () => void
  /** Every event, with its name. */
  onAny(listener: (name: keyof Events, payload: Events[keyof Events]) => void): () => void
}

/** @param onError is told of a listener that threw; the other listeners still run. */
export function eventBus<Events extends object>(onError: (error: unknown) => void): EventBus<Events> {
  type Listener = (name: keyof Events, payload: Events[keyof Events]) => void
  const listeners = new Set<Listener>()

  const onAny = (listener: Listener) => {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }

  return {
    emit(name, payload) {
      for (const listener of [...listeners]) {
        try {
          listener(name, payload)
        } catch (error) {
          onError(error)
        }
      }
    },
    on(name, listener) {
      return onAny((other, payload) => {
        if (other === name) listener(payload as Events[typeof name])
      })
    },
    onAny,
  }
}
