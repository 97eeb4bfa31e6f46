package wasim

import "fmt"

// queryTimelock is the id of the query for the reach-out time-lock. Ids change with releases of the web client.
const queryTimelock = "23983697327930364"

// onMex answers GraphQL queries. s.mu is held.
func (s *Server) onMex(c *conn, n, query *Node) {
	id := attr(query, "query_id")
	var body string
	switch id {
	case queryTimelock:
		active, until := false, int64(0)
		if f := c.dev.phone.activeFault(FaultTimelock); f != nil {
			active, until = true, f.until.Unix()
		}
		body = fmt.Sprintf(`{"data":{"xwa2_fetch_account_reachout_timelock":{"is_active":%v,"time_enforcement_ends":"%d","enforcement_type":"DEFAULT"}}}`, active, until)
	default:
		s.notUnderstood("w:mex query_id=" + id)
		body = `{"data":null,"errors":[{"message":"unknown query","extensions":{"error_code":400}}]}`
	}
	c.reply(n, Node{Tag: "result", Content: []byte(body)})
}
