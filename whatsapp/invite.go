package whatsapp

import (
	"strconv"

	"go.mau.fi/whatsmeow/proto/waE2E"
)

func groupInvite(p *waE2E.Message) string {
	return words(signed("👥", p.GroupInviteMessage.GetGroupName()), p.GroupInviteMessage.GetCaption())
}

func adminInvite(p *waE2E.Message) string {
	return words(signed("📣", p.NewsletterAdminInviteMessage.GetNewsletterName()), p.NewsletterAdminInviteMessage.GetCaption())
}

func followerInvite(p *waE2E.Message) string {
	x := p.NewsletterFollowerInviteMessageV2
	return words(signed("📣", x.GetNewsletterName()), x.GetCaption())
}

func gathering(p *waE2E.Message) string {
	x := p.EventMessage
	return words(occasion(x.GetName(), x.GetIsCanceled(), x.GetStartTime(), x.GetEndTime()), x.GetDescription(),
		row(x.GetLocation().GetName(), x.GetLocation().GetAddress()), x.GetJoinLink())
}

func gatheringInvite(p *waE2E.Message) string {
	x := p.EventInviteMessage
	return words(occasion(x.GetEventTitle(), x.GetIsCanceled(), x.GetStartTime(), x.GetEndTime()), x.GetCaption(), x.GetCallLink())
}

// occasion is what is to happen when.
func occasion(name string, cancelled bool, from, to int64) string {
	sign := "📅"
	if cancelled {
		sign = "📅 ✖"
	}
	return signed(sign, row(name, joined(" – ", []string{clock(from), clock(to)})))
}

func scheduledCall(p *waE2E.Message) string {
	x := p.ScheduledCallCreationMessage
	return signed("📞", row(x.GetTitle(), clock(x.GetScheduledTimestampMS()/thousand)))
}

// pollResult is what a poll came to.
func pollResult(x *waE2E.PollResultSnapshotMessage) string {
	lines := []string{x.GetName()}
	for _, vote := range x.GetPollVotes() {
		lines = append(lines, signed("•", row(vote.GetOptionName(), strconv.FormatInt(vote.GetOptionVoteCount(), 10))))
	}
	return words(lines...)
}

func stickerPack(p *waE2E.Message) string {
	x := p.StickerPackMessage
	return words(row(x.GetName(), x.GetPublisher()), x.GetCaption())
}

func music(p *waE2E.Message) string {
	x := p.MusicMessage
	return words(signed("🎵", row(x.GetEmbeddedMusic().GetTitle(), x.GetEmbeddedMusic().GetAuthor())), x.GetSongUri())
}
