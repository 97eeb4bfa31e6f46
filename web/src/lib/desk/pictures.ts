import { shallowReactive } from 'vue'

/** A picture or video of this computer: shown from here while it is sent and after, and measured before. */
export interface Picture {
  kind: 'image' | 'video'
  url: string
  width: number // pixels; 0: not known (yet)
  height: number
  seconds: number
  ready: Promise<void> // measured, or given up
}

const PATIENCE = 3000 // ms: a video that says nothing about itself is sent without

/** What the server makes of a file (hooks/outbox/compose.go, MediaKind); all else is a document. */
const kindOf = (mime: string) => (/^image\/(?:jpeg|png|webp)$/.test(mime) ? 'image' : /^video\/(?:mp4|3gpp)$/.test(mime) ? 'video' : undefined)

/** Reads the shape of a picture, as it is shown: turned the way its camera was held. */
function measure(one: Picture): Promise<void> {
  return new Promise((done) => {
    setTimeout(done, PATIENCE)
    if (one.kind === 'image') {
      const image = new Image()
      image.onload = () => done(void Object.assign(one, { width: image.naturalWidth, height: image.naturalHeight }))
      image.onerror = () => done()
      image.src = one.url
    } else {
      const video = document.createElement('video')
      video.preload = 'metadata'
      video.onloadedmetadata = () => done(void Object.assign(one, { width: video.videoWidth, height: video.videoHeight, seconds: Number.isFinite(video.duration) ? video.duration : 0 }))
      video.onerror = () => done()
      video.src = one.url
    }
  })
}

const known = new WeakMap<File, Picture>()

/** The picture that a file is; nothing for all else. Asking begins to measure it. */
export function picture(file: File): Picture | undefined {
  const kind = kindOf(file.type)
  if (!kind || known.has(file)) return known.get(file)
  const one: Picture = shallowReactive({ kind, url: URL.createObjectURL(file), width: 0, height: 0, seconds: 0, ready: Promise.resolve() })
  known.set(file, one)
  one.ready = measure(one)
  return one
}

const KEPT = 40
const sent = shallowReactive(new Map<string, File>()) // by client id, the newest last

/** Keeps a picture that is sent: its bubble goes on showing what it showed. */
export function keepSent(clientId: string, file: File) {
  if (picture(file)) sent.set(clientId, file)
  const [oldest] = sent.size > KEPT ? sent : []
  if (!oldest) return
  URL.revokeObjectURL(picture(oldest[1])!.url)
  known.delete(oldest[1])
  sent.delete(oldest[0])
}

export function sentPicture(clientId: string): Picture | undefined {
  const file = sent.get(clientId)
  return file && picture(file)
}
