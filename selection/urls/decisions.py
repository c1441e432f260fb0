"""Addresses from a scenario to released decisions."""

from django.urls import path

from selection.views import letters, proposal_acts, proposals, propose

PROPOSAL = "decisions/<int:pk>"

urlpatterns = [
    path("selection/<slug:cycle>/propose/", propose.ProposeView.as_view(), name="propose"),
    path("decisions/", proposals.ProposalsView.as_view(), name="decisions"),
    path(f"{PROPOSAL}/", proposals.ProposalView.as_view(), name="proposal"),
    path(f"{PROPOSAL}/progress/", proposals.ProgressView.as_view(), name="progress"),
    path(f"{PROPOSAL}/approve/", proposal_acts.ApproveView.as_view(), name="approve"),
    path(f"{PROPOSAL}/reject/", proposal_acts.RejectView.as_view(), name="reject"),
    path(
        f"{PROPOSAL}/withdraw/",
        proposal_acts.WithdrawProposalView.as_view(),
        name="withdraw_proposal",
    ),
    path(f"{PROPOSAL}/release/", proposal_acts.ReleaseView.as_view(), name="release"),
    path(f"{PROPOSAL}/letter/", letters.LetterView.as_view(), name="letter"),
    path(f"{PROPOSAL}/letter.pdf", letters.LetterPdfView.as_view(), name="letter_pdf"),
]
