import { onScopeDispose, readonly, shallowRef } from 'vue'

/** The clock of the page, for chips that count. One timer for everybody who looks, none when nobody does. */
const minute = shallowRef(Date.now())
const second = shallowRef(Date.now())

function ticking(every: number, value: typeof minute) {
  let lookers = 0
  let timer: ReturnType<typeof setInterval> | undefined
  const tick = () => (value.value = Date.now())
  return () => {
    if (lookers++ === 0) {
      tick()
      timer = setInterval(tick, every)
    }
    onScopeDispose(() => {
      if (--lookers === 0) clearInterval(timer)
    })
    return readonly(value)
  }
}

/** Milliseconds, renewed twice a minute. */
export const useMinute = ticking(30_000, minute)
/** Milliseconds, renewed every second. */
export const useSecond = ticking(1000, second)
