// Browser tests of the page over the desk in memory: node tests/browser/run.mjs [part of a name]
import { runAll } from './harness.mjs'
import './login.mjs'
import './chat.mjs'
import './composer.mjs'
import './dialogs.mjs'
import './layers.mjs'
import './phone.mjs'
import './availability.mjs'
import './reading.mjs'
import './gaps.mjs'
import './outbox.mjs'
import './files.mjs'
import './pictures.mjs'

await runAll(process.argv[2])
